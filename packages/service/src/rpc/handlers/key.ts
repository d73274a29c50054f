import type { KeyResults, WorkspaceKeyDescription } from '@underpass/protocol';

import type { Service } from '../../service.js';
import {
  authorizedKeysLine,
  bastionsOf
} from '../../workspace/authorizedKeys.js';
import { cloudInit, terraform } from '../../workspace/provisioning.js';
import type { HandlersOf } from './define.js';

export const keyHandlers: HandlersOf<keyof KeyResults> = {
  'underpass/key/show': (_, { service }) => show(service),

  'underpass/key/lineFor': async (
    { type, fields, integration },
    { service }
  ) => {
    const { store } = service;
    const { publicKey } = await store.keys.describe();
    const own = integration === undefined ? '' : store.find(integration).id;
    const form = { id: own, type, name: '', aliases: [], fields };
    const others = store.integrations().filter(({ id }) => id !== own);
    const bastion = bastionsOf([form, ...others]).find(({ integrations }) =>
      integrations.includes('')
    );
    const line = authorizedKeysLine(publicKey, bastion?.targets ?? []);
    return {
      publicKey,
      ...(line === undefined ? {} : { authorizedKeys: line })
    };
  },

  'underpass/key/import': async ({ privateKey, passphrase }, { service }) => {
    await service.store.keys.import(privateKey, passphrase);
    service.tunnels.forgive();
    return show(service);
  },

  'underpass/key/export': async (_, { service }) => {
    const [{ privateKey, publicKey }] = await service.store.keys.forLogin();
    return { privateKey, publicKey };
  },

  'underpass/key/rotate': async ({ finish }, { service }) => {
    await (finish ? service.store.keys.finish() : service.store.keys.rotate());
    service.tunnels.forgive();
    return show(service);
  }
};

async function show({
  store,
  tunnels
}: Service): Promise<WorkspaceKeyDescription> {
  const key = await store.keys.describe();
  const bastions = bastionsOf(store.integrations(), id =>
    tunnels
      .entries()
      .filter(([integration]) => integration === id)
      .map(([, { remote }]) => remote)
  );
  const all = authorizedKeysLine(
    key.publicKey,
    bastions.flatMap(({ targets }) => targets)
  );
  return {
    ...key,
    bastions: bastions.flatMap(bastion => {
      const { host, port, user, integrations, targets } = bastion;
      const line = authorizedKeysLine(key.publicKey, targets);
      const loggedInAt = store.keys.loggedInAt(bastion, key.fingerprint);
      return line === undefined
        ? []
        : [
            {
              host,
              port,
              user,
              integrations,
              authorizedKeys: line,
              cloudInit: cloudInit(bastion, line),
              terraform: terraform(bastion, line),
              ...(loggedInAt === undefined ? {} : { loggedInAt })
            }
          ];
    }),
    ...(all === undefined ? {} : { authorizedKeys: all })
  };
}
