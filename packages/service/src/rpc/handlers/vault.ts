import type { VaultResults } from '@underpass/protocol';

import type { HandlersOf } from './define.js';

export const vaultHandlers: HandlersOf<keyof VaultResults> = {
  'underpass/vault/status': (_, { service }) => service.store.vault.status(),

  'underpass/vault/keep': async ({ keeper, lost }, { service }) => {
    await service.store.vault.keep(keeper, lost);
    return service.store.vault.status();
  }
};
