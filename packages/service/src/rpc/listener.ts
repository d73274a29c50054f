import { readFile } from 'node:fs/promises';
import { platform } from 'node:os';

import { fail } from '../serviceError.js';

const listening = '0A';
/** Undefined on Windows. */
const ownUid = process.getuid?.();

/**
 * Make sure that it is this user who listens on a port of 127.0.0.1, before somebody is told to dial it. While the
 * service was away, another user of the machine may have taken the port. Linux only; `underpass.listener` does the
 * same before a driver logs in.
 * @throws ServiceError `listener-foreign` or `listener-missing`
 */
export async function requireOwnListener(port: number): Promise<void> {
  if (platform() !== 'linux') {
    return;
  }
  const uid = listenerOf(await readFile('/proc/net/tcp', 'ascii'), port);
  if (uid === undefined) {
    throw fail(
      'listener-missing',
      'forward',
      `Nobody listens on 127.0.0.1:${port} of this network, where the tunnel service should.`,
      'Run it again. If this is another container than the one of the service, set UNDERPASS_RUNTIME_DIR to a folder of its own here: it gets a service of its own.',
      { port }
    );
  }
  if (uid !== ownUid) {
    throw fail(
      'listener-foreign',
      'forward',
      `Another user of this machine (uid ${uid}) listens on 127.0.0.1:${port}, which was a port of yours. Nothing was sent there.`,
      'Run it again: the forward gets another port. Tell the administrator of this machine.',
      { port, uid }
    );
  }
}

/** @returns uid of whoever would get a connection to the port of 127.0.0.1 */
export function listenerOf(table: string, port: number): number | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  // The exact address goes before the one that stands for all.
  const addresses = [`0100007F:${hex}`, `00000000:${hex}`];
  const listeners = table
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(columns => columns[3] === listening);
  for (const address of addresses) {
    const found = listeners.find(columns => columns[1] === address);
    if (found) {
      return Number(found[7]);
    }
  }
  return undefined;
}
