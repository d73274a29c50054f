import type { Stage } from '@underpass/protocol';

import { hostPort } from '../address.js';
import type { SshTarget } from '../integrations/define.js';
import { asFailure, fail, ServiceError } from '../serviceError.js';
import type { PresentedHostKey, Transport } from '../ssh/engine.js';
import type { HostKeys } from '../ssh/hostKeys.js';
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
  const connect = async (silent: boolean) => {
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
          asking = approval(hostKeys, target, presented, record, signal).then(
            () => {
              // Of several keys that the host showed, another one may have been approved.
              verify();
            }
          );
          return asking;
        }
        return undefined;
      },
      onStage: stage => {
        if (!silent || stage === 'auth') {
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
    return await connect(false);
  } catch (error) {
    if (!asking || asFailure(error).code !== 'connection-lost') {
      throw error;
    }
    await asking;
    return connect(true);
  }
}

/** Wait for a person. @throws ServiceError `host-key-rejected`, or `host-key-unknown` where there is nobody */
async function approval(
  hostKeys: HostKeys,
  target: SshTarget,
  presented: PresentedHostKey,
  record: Record,
  signal: AbortSignal
): Promise<void> {
  const { fingerprint } = presented;
  if (!hostKeys.wasRejected(target, presented)) {
    record.waits('waiting for approval in Integrations');
    if (await hostKeys.approval(target, signal)) {
      return;
    }
    signal.throwIfAborted();
  }
  const where = hostPort(target);
  if (hostKeys.wasRejected(target, presented)) {
    throw fail(
      'host-key-rejected',
      'host-key',
      `The host key of ${where} was rejected by a person: ${fingerprint}.`,
      `Find out who runs that server. If the key is right: underpass hostkey approve ${where} ${fingerprint}`,
      { host: target.host, port: target.port, fingerprint }
    );
  }
  // Nobody is there to be asked, or nobody answered.
  hostKeys.verify(target, presented, []);
  throw new ServiceError({
    code: 'host-key-unknown',
    stage: 'host-key',
    message: `The host key of ${where} is not approved.`,
    fix: `underpass hostkey approve ${where} ${fingerprint}`
  });
}
