import type { Stage } from '@underpass/protocol';

import type { SshTarget } from '../integrations/define.js';
import { asFailure } from '../serviceError.js';
import type { Transport } from '../ssh/engine.js';
import type { Record } from './record.js';
import type { TestEnvironment } from './testConnection.js';

/**
 * Log in to a bastion on a connection of its own. Where a person has to look at the host key first, the connection
 * waits; should the bastion lose patience meanwhile, it is dialled again without a word.
 * @param integration name that the question shows
 */
export async function connectForTest(
  target: SshTarget,
  integration: string,
  { hostKeys, engine, keys }: TestEnvironment,
  record: Record,
  onStage: (stage: Stage) => void,
  signal: AbortSignal
): Promise<Transport> {
  let asking: Promise<void> | undefined;
  const told = new Set<Stage>();
  const approval = async () => {
    if (hostKeys.asks(target)) {
      record.waits('waiting for approval in Integrations');
    }
    await hostKeys.approval(target, signal);
    signal.throwIfAborted();
  };
  const connect = async () => {
    const transport = await engine.connect({
      target,
      keys: await keys.forLogin(),
      knownKeyTypes: hostKeys.knownKeys(target).map(known => known.keyType),
      verifyHostKey: presented => {
        const verify = () => hostKeys.verify(target, presented, [integration]);
        try {
          verify();
        } catch (error) {
          if (asFailure(error).code !== 'host-key-unknown') {
            throw error;
          }
          asking = approval().then(() => {
            // Of several keys that the host showed, another one may have been approved.
            verify();
          });
          return asking;
        }
        return undefined;
      },
      onStage: stage => {
        if (!told.has(stage)) {
          told.add(stage);
          onStage(stage);
        }
      },
      onFound: message => record.found(message),
      signal
    });
    keys.loggedIn(target, transport.loginKey);
    return transport;
  };
  try {
    return await connect();
  } catch (error) {
    if (!asking || asFailure(error).code !== 'connection-lost') {
      throw error;
    }
    await asking;
    return connect();
  }
}
