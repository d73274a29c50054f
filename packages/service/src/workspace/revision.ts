import { createHash } from 'node:crypto';

import { entryName } from './secrets.js';
import type { Store, StoredIntegration } from './store.js';

/** Another text after each change of what is kept of an integration, its secrets included. */
export function revisionOf(
  store: Store,
  integration: StoredIntegration
): string {
  const kept = JSON.stringify([integration, secretsOf(store, integration.id)]);
  return createHash('sha256').update(kept).digest('hex').slice(0, 32);
}

function secretsOf({ vault }: Store, id: string): string {
  const prefix = entryName(id, '');
  try {
    return vault.stamp(
      vault
        .names()
        .filter(name => name.startsWith(prefix))
        .sort()
    );
  } catch {
    // The vault can not be read: of the secrets nothing can be told.
    return '';
  }
}
