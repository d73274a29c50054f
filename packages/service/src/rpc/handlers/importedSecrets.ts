import type { ImportedEntry } from '@underpass/protocol';

import type { Service } from '../../service.js';

/**
 * The secrets of an entry that a form was filled in from, for what was not typed in their place. None where the person
 * has chosen another type meanwhile.
 * @throws ServiceError `unknown-import`
 */
export function importedSecrets(
  { type, imported }: { type: string; imported?: ImportedEntry | undefined },
  { imports }: Service
): { [field: string]: string } {
  const entry = imported && imports.get(imported);
  return entry?.type === type ? entry.secrets : {};
}
