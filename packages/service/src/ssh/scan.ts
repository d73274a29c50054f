import type { HostAndPort } from '../address.js';
import { fail, isAbort } from '../serviceError.js';
import type { PresentedHostKey, SshEngine } from './engine.js';
import { generateEd25519 } from './openssh.js';

/** Thrown to stop a handshake once the host key is known; nothing is sent for authentication. */
class Seen extends Error {
  constructor(readonly key: PresentedHostKey) {
    super('seen');
  }
}

/** Ask a server for its host key without logging in. */
export async function scanHostKey(
  engine: SshEngine,
  target: HostAndPort,
  knownKeyTypes: readonly string[],
  signal: AbortSignal
): Promise<PresentedHostKey> {
  const unused = generateEd25519('');
  try {
    await engine.connect({
      target: { ...target, user: 'scan' },
      keys: [unused],
      knownKeyTypes,
      verifyHostKey: key => {
        throw new Seen(key);
      },
      signal
    });
  } catch (error) {
    if (error instanceof Seen) {
      return error.key;
    }
    if (!isAbort(error)) {
      throw error;
    }
  }
  throw fail(
    'cancelled',
    'host-key',
    'The scan was cancelled.',
    'Run it again.'
  );
}
