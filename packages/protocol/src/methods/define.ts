/**
 * What the groups of methods are written with.
 */
import { z } from 'zod';

import type { Json } from '../failure.js';

/**
 * `read`, `write` and `execute` are relayed for a browser whose user has that right;
 * `local` never leaves this machine's own processes.
 */
export type Access = 'read' | 'write' | 'execute' | 'local';

/** Absolute path of a folder; the nearest project above it is meant. */
export const folder = z.string().min(1);
/** Id, name or former name. */
export const integration = z.string().min(1);
/** What is left out stays as it is, in a new integration unset. */
export const marks = z
  .object({
    production: z.boolean().optional(),
    readOnly: z.boolean().optional()
  })
  .optional();
export const host = z.string().min(1);
export const jsonSchema: z.ZodType<Json> = z.json() as z.ZodType<Json>;
export const port = z.int().min(1).max(65535);

export const define = <P extends z.ZodType>(access: Access, params: P) => ({
  access,
  params
});
