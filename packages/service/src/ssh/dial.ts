import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { connect, type Socket } from 'node:net';

import type { Stage } from '@underpass/protocol';

import { type HostAndPort, hostPort } from '../address.js';
import { fail, systemCode } from '../serviceError.js';

/** Milliseconds to wait for a TCP connection to one host, all its addresses together. */
const connectTimeout = 10_000;
/** Milliseconds for the name servers. */
const resolveTimeout = 15_000;

/**
 * Resolve a name and connect to the first address that answers.
 * @throws ServiceError at stage `resolve` or `tcp`.
 */
export async function dial(
  target: HostAndPort,
  signal: AbortSignal,
  onStage: (stage: Stage) => void = () => undefined,
  onFound: (message: string) => void = () => undefined
): Promise<Socket> {
  onStage('resolve');
  const addresses = await resolveName(target.host, signal);
  onFound(addresses.map(({ address }) => address).join(', '));
  onStage('tcp');
  signal.throwIfAborted();
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
      onFound(
        `Connected to ${hostPort({ host: socket.remoteAddress ?? target.host, port: target.port })}`
      );
      resolve(socket);
    });
    socket.once('error', error => {
      settle();
      reject(tcpFailure(target, systemCode(error) ?? error.message));
    });
  });
}

/** A name server that is away would otherwise be waited for as long as the system likes. */
async function resolveName(
  host: string,
  signal: AbortSignal
): Promise<LookupAddress[]> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(resolveTimeout)]);
  signal.throwIfAborted();
  const stopped = new Promise<never>((_, reject) =>
    limit.addEventListener('abort', () => reject(limit.reason as Error), {
      once: true
    })
  );
  try {
    return await Promise.race([
      lookup(host.replace(/^\[|\]$/g, ''), { all: true }),
      stopped
    ]);
  } catch (error) {
    signal.throwIfAborted();
    const code = systemCode(error) ?? 'ETIMEDOUT';
    if (code === 'ENOTFOUND' || code === 'ENODATA') {
      throw fail(
        'name-not-found',
        'resolve',
        `The host name "${host}" can not be resolved from this machine.`,
        'Check the spelling; a name that only the private network knows belongs into the host, not the SSH host.',
        { host }
      );
    }
    throw fail(
      'name-server-failed',
      'resolve',
      `The name servers of this machine did not answer for "${host}" (${code}).`,
      'Check the network connection of this machine (VPN?), or give the address of the host.',
      { host, code }
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
    case 'ECONNRESET':
      return fail(
        'connection-lost',
        'tcp',
        `${where} reset the connection at once.`,
        'Check host and port; a firewall may do this.',
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
