/**
 * Integrations and their types.
 */
import { z } from 'zod';

import type { Json } from '../failure.js';
import type {
  BetterType,
  HowToUse,
  Integration,
  IntegrationType
} from '../integration.js';
import { define, jsonSchema, folder, integration, marks } from './define.js';
import { importedEntry } from './imports.js';

export const integrationsMethods = {
  'underpass/types/list': define('read', z.object({})),
  'underpass/integrations/list': define('read', z.object({ folder })),
  'underpass/integrations/get': define(
    'read',
    z.object({ folder, integration })
  ),
  'underpass/integrations/add': define(
    'write',
    z.object({
      folder,
      type: z.string().min(1),
      name: z.string(),
      fields: z.record(z.string(), jsonSchema),
      secrets: z.record(z.string(), z.string()).default({}),
      marks,
      /** Whose secrets are meant where none was typed. */
      imported: importedEntry.optional(),
      /** Connect it to the folder's project at once. */
      connect: z.boolean().default(true)
    })
  ),
  /**
   * Read a connection URL into the fields of a form; keeps nothing. Not `read`, though it changes nothing: the URL may
   * hold a password, and only who may add an integration has a use for it.
   */
  'underpass/integrations/parseUrl': define(
    'write',
    z.object({
      url: z.string(),
      /** Id of the type that is taken if it is one of those that know such URLs. */
      type: z.string().optional()
    })
  ),
  /** What is left out stays as it is. The forward keeps its local port. */
  'underpass/integrations/update': define(
    'write',
    z.object({
      folder,
      integration,
      /** Another name; the former one stays as an alias, so that notebooks keep working. */
      name: z.string().optional(),
      /** All fields anew. */
      fields: z.record(z.string(), jsonSchema).optional(),
      /** A secret left out stays, null removes it. */
      secrets: z.record(z.string(), z.string().nullable()).default({}),
      /** Those of the former names that are to stay. */
      aliases: z.array(z.string()).optional(),
      marks,
      /** The state that the change was made from; another one is refused as `changed-meanwhile`. */
      revision: z.string().optional()
    })
  ),
  /** A copy with the same fields and secrets, connected to the project if the original is. */
  'underpass/integrations/duplicate': define(
    'write',
    z.object({
      folder,
      integration,
      /** "X copy", "X copy 2" … if left out. */
      name: z.string().optional()
    })
  ),
  'underpass/integrations/remove': define('write', z.object({ integration })),
  'underpass/integrations/connect': define(
    'execute',
    z.object({ folder, integration })
  ),
  'underpass/integrations/disconnect': define(
    'execute',
    z.object({ folder, integration })
  ),
  'underpass/integrations/howToUse': define('read', z.object({ integration })),
  /** Which notebooks of the folder's project name it, by any of its names; the search is bounded. */
  'underpass/integrations/usage': define(
    'read',
    z.object({ folder, integration })
  )
} as const;

export interface IntegrationsResults {
  'underpass/types/list': { types: IntegrationType[] };
  'underpass/integrations/list': {
    project: string;
    integrations: Integration[];
    revision: number;
  };
  'underpass/integrations/get': Integration;
  'underpass/integrations/add': Integration;
  'underpass/integrations/parseUrl': {
    type: string;
    fields: { [field: string]: Json };
    /** What the client itself has sent. */
    secrets: { [field: string]: string };
    /** What was not taken as it stands, one sentence each. */
    remarks: string[];
  };
  'underpass/integrations/update': Integration;
  'underpass/integrations/duplicate': Integration;
  'underpass/integrations/remove': Record<string, never>;
  'underpass/integrations/connect': Integration;
  'underpass/integrations/disconnect': Integration;
  'underpass/integrations/howToUse': {
    sections: HowToUse[];
    variables: Record<string, string>;
    /** Where a type of its own would do more than this tunnel. */
    better?: BetterType;
  };
  'underpass/integrations/usage': {
    /** Paths relative to the project, with `/`, sorted. */
    notebooks: string[];
    /** False when some could not be looked at: too many, too large, not readable. */
    complete: boolean;
  };
}
