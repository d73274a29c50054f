/**
 * "Test connection".
 */
import { z } from 'zod';

import { stages } from '../failure.js';
import type { TestReport } from '../testReport.js';
import { define, jsonSchema, integration, marks } from './define.js';
import { importedEntry } from './imports.js';

/**
 * The Python that has the drivers: its path, and its PYTHONPATH where it has one. Only from clients of this machine:
 * what relays a browser's requests puts its own here.
 */
export const python = z
  .union([
    z.string().min(1),
    z.object({ program: z.string().min(1), path: z.string().optional() })
  ])
  .optional();

const options = {
  /** Id that the client gives the run, unguessable, so that it can be fetched before the test has ended. */
  run: z.uuid().optional(),
  /** Without one the test ends at the forward. */
  python,
  /** The last stage to run. */
  until: z.enum(stages).optional()
};

export const testingMethods = {
  'underpass/integrations/test': define(
    'execute',
    z.object({ integration, ...options })
  ),
  /** The same for values that are not saved. Not `execute`: what it dials is for the client to choose. */
  'underpass/integrations/testDraft': define(
    'write',
    z.object({
      type: z.string().min(1),
      fields: z.record(z.string(), jsonSchema),
      /** Null: none, also where the integration has one. */
      secrets: z.record(z.string(), z.string().nullable()).default({}),
      /** Whose secrets are meant where none was typed. */
      integration: integration.optional(),
      imported: importedEntry.optional(),
      marks,
      ...options
    })
  ),
  /** A run that goes on, or ended some minutes ago. */
  'underpass/tests/get': define('read', z.object({ run: z.uuid() })),
  'underpass/tests/cancel': define('execute', z.object({ run: z.uuid() }))
} as const;

export interface TestingResults {
  'underpass/integrations/test': TestReport;
  'underpass/integrations/testDraft': TestReport;
  'underpass/tests/get': TestReport;
  'underpass/tests/cancel': Record<string, never>;
}
