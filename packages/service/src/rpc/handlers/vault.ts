import type { Method, VaultResults } from '@underpass/protocol';

import type { HandlersOf } from './define.js';

export const vaultHandlers: HandlersOf<keyof VaultResults> = {
  'underpass/vault/status': (_, { service }) => service.store.vault.status(),

  'underpass/vault/keep': async ({ keeper, lost }, { service }) => {
    await service.store.vault.keep(keeper, lost);
    return service.store.vault.status();
  }
};

/** Methods that read or write secrets: the vault is opened before. All others work while its keyring is locked. */
export const secretMethods: ReadonlySet<string> = new Set<Method>([
  'underpass/integrations/add',
  'underpass/integrations/update',
  'underpass/integrations/duplicate',
  'underpass/integrations/test',
  'underpass/integrations/testDraft',
  'underpass/ensure'
]);
