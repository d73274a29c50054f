import type { KeyResults } from '@underpass/protocol';
import { definitionOf } from '../../integrations/registry.js';
import {
  authorizedKeysLine,
  workspaceKey
} from '../../workspace/workspaceKey.js';
import type { HandlersOf } from './define.js';

export const keyHandlers: HandlersOf<keyof KeyResults> = {
  'underpass/key/show': (_, { service }) => {
    const { publicKey, fingerprint } = workspaceKey(service.store.vault);
    const targets = service.store
      .integrations()
      .map(({ type, fields }) => ({ definition: definitionOf(type), fields }))
      .filter(
        ({ definition, fields }) =>
          definition.ssh === 'required' || fields.sshEnabled === true
      )
      .flatMap(
        ({ definition, fields }) =>
          definition.seeds?.(fields) ?? [definition.remote(fields)]
      );
    return {
      publicKey,
      fingerprint,
      ...(targets.length > 0
        ? { authorizedKeys: authorizedKeysLine(publicKey, targets) }
        : {})
    };
  }
};
