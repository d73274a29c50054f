import type { HostKeysResults } from '@underpass/protocol';
import { hostPort } from '../../address.js';
import { fail } from '../../serviceError.js';
import { scanHostKey } from '../../ssh/scan.js';
import type { HandlersOf } from './define.js';

export const hostKeysHandlers: HandlersOf<keyof HostKeysResults> = {
  'underpass/hostKeys/list': (_, { service }) => ({
    hostKeys: [...service.store.hostKeys()]
  }),

  'underpass/hostKeys/scan': async (target, { service, signal }) => {
    const known = service.hostKeys.knownKeys(target).map(key => key.keyType);
    const key = await scanHostKey(service.engine, target, known, signal);
    return { ...target, ...key, status: service.hostKeys.status(target, key) };
  },

  'underpass/hostKeys/approve': async (params, { service, signal }) => {
    const { fingerprint, ...target } = params;
    const asked = service.hostKeys
      .pending()
      .find(
        prompt =>
          prompt.host === target.host &&
          prompt.port === target.port &&
          prompt.fingerprint === fingerprint
      );
    const known = service.hostKeys.knownKeys(target).map(key => key.keyType);
    const key =
      asked ?? (await scanHostKey(service.engine, target, known, signal));
    if (key.fingerprint !== fingerprint) {
      throw fail(
        'host-key-changed',
        'host-key',
        `${hostPort(target)} shows ${key.keyType} ${key.fingerprint}, not the fingerprint that was approved.`,
        'Compare again with the fingerprint that the owner of the server gives you.',
        { fingerprint: key.fingerprint, keyType: key.keyType }
      );
    }
    return service.hostKeys.approve(target, key);
  },

  'underpass/hostKeys/remove': (target, { service }) => ({
    removed: service.hostKeys.remove(target)
  }),

  'underpass/prompts/list': (_, { service }) => ({
    prompts: service.hostKeys.pending()
  }),

  'underpass/prompts/reject': ({ id }, { service }) => {
    service.hostKeys.reject(id);
    return {};
  }
};
