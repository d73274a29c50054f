import { lookup } from 'node:dns/promises';
import { connect, type Socket } from 'node:net';

import type { Stage } from '@underpass/protocol';

import { type HostAndPort, hostPort } from '../address.js';
import { fail, systemCode } from '../serviceError.js';

/** Milliseconds to wait for a TCP connection to one host, all its addresses together. */
const connectTimeout = 10_000;

/**
 * Resolve a name and connect to the first address that answers.
 * @throws ServiceError at stage `resolve` or `tcp`.
 */
export async function dial(
  target: HostAndPort,
  signal: AbortSignal,
  onStage: (stage: Stage) => void = () => undefined
): Promise<Socket> {
  onStage('resolve');
  const addresses = await resolveName(target.host);
  signal.throwIfAborted();
  onStage('tcp');
  const timeout = AbortSignal.timeout(connectTimeout);
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: target.host,
      port: target.port,
      noDelay: true,
      autoSelectFamily: true,
      lookup: (_name, options, callback) =>
        options.all
          ? callback(null, addresses)
          : callback(null, addresses[0]?.address ?? '', addresses[0]?.family)
    });
    const stop = () => {
      socket.destroy();
      reject(
        signal.aborted
          ? (signal.reason as Error)
          : tcpFailure(target, 'ETIMEDOUT')
      );
    };
    const settle = () => {
      signal.removeEventListener('abort', stop);
      timeout.removeEventListener('abort', stop);
    };
    signal.addEventListener('abort', stop, { once: true });
    timeout.addEventListener('abort', stop, { once: true });
    socket.once('connect', () => {
      settle();
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', error => {
      settle();
      reject(tcpFailure(target, systemCode(error) ?? error.message));
    });
  });
}

async function resolveName(host: string) {
  try {
    return await lookup(host.replace(/^\[|\]$/g, ''), { all: true });
  } catch {
    throw fail(
      'name-not-found',
      'resolve',
      `The host name "${host}" can not be resolved from this machine.`,
      'Check the spelling; a name that only the private network knows belongs into the host, not the SSH host.',
      { host }
    );
  }
}

function tcpFailure({ host, port }: HostAndPort, code: string): Error {
  const where = hostPort({ host, port });
  switch (code) {
    case 'ECONNREFUSED':
      return fail(
        'connection-refused',
        'tcp',
        `${where} refused the connection: nothing listens there.`,
        'Check host and port, and that the server runs.',
        { host, port }
      );
    case 'ETIMEDOUT':
      return fail(
        'connection-timed-out',
        'tcp',
        `${where} did not answer within ${connectTimeout / 1000} seconds.`,
        'Check host and port; a firewall may have to allow the address of this machine.',
        { host, port }
      );
    default:
      return fail(
        'network-unreachable',
        'tcp',
        `${where} can not be reached (${code}).`,
        'Check the network connection of this machine (VPN?) and the address.',
        { host, port, code }
      );
  }
}
