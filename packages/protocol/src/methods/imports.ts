/**
 * Connections that other programs have on file.
 */
import { z } from 'zod';

import type { Failure, Json } from '../failure.js';
import type { Integration } from '../integration.js';
import { define, folder } from './define.js';

/** An entry of an import: its secrets stay in the service, which knows them by this. */
export const importedEntry = z.object({
  import: z.uuid(),
  entry: z.string().min(1)
});
export type ImportedEntry = z.infer<typeof importedEntry>;

export const importsMethods = {
  /** Read connections. Not `read`: what is read holds passwords, and only who may add an integration has a use for it. */
  'underpass/imports/read': define(
    'write',
    z.object({
      /** Id that the client gives the import, unguessable. */
      import: z.uuid().optional(),
      source: z.discriminatedUnion('kind', [
        /** The files that libpq reads here, as the user that the service runs as. */
        z.object({ kind: z.literal('own') }),
        z.object({ kind: z.literal('text'), text: z.string() })
      ])
    })
  ),
  /** Add those entries that need nothing more. One that is refused keeps the others from nothing. */
  'underpass/imports/add': define(
    'write',
    z.object({
      folder,
      import: z.uuid(),
      entries: z.array(z.string()).min(1),
      /** Connect them to the folder's project at once. */
      connect: z.boolean().default(true)
    })
  )
} as const;

/** A connection that was found in a file. */
export interface ImportEntry {
  id: string;
  /** A name that is free. */
  name: string;
  /** Where it stands: "`pg_service.conf`, line 3". */
  origin: string;
  type: string;
  fields: { [field: string]: Json };
  /** Names of the secrets that came with it. */
  secretsSet: string[];
  /** What was not taken as it stands, one sentence each. */
  remarks: string[];
  /** Why it can not be added as it is: what is left to fill in. */
  missing?: Failure;
}

export interface ImportsResults {
  'underpass/imports/read': {
    /** For as long as a form is filled in: a quarter of an hour. */
    import: string;
    entries: ImportEntry[];
    /** Files that were looked for, and why one was not read. */
    files: { path: string; found: boolean; failure?: Failure }[];
    /** Lines that libpq would not take, either. */
    remarks: string[];
  };
  'underpass/imports/add': {
    added: Integration[];
    refused: { entry: string; name: string; failure: Failure }[];
  };
}
