/**
 * What ssh2 reports, by level and phase and never by its words, as failures.
 */
import { hostPort } from '../address.js';
import { fail } from '../serviceError.js';
import type { ConnectOptions } from './engine.js';

/** RFC 4254, 5.1. */
const openRefused = { administrativelyProhibited: 1, connectFailed: 2 };

export function timedOut(where: string, phase: 'handshake' | 'auth'): Error {
  return fail(
    'handshake-timed-out',
    phase === 'auth' ? 'auth' : 'ssh-handshake',
    `${where} accepted the connection but did not finish the SSH ${phase === 'auth' ? 'login' : 'handshake'}.`,
    'Check that an SSH server listens on this port and is not overloaded.'
  );
}

export function handshakeFailure(
  error: (Error & { level?: string }) | undefined,
  phase: 'handshake' | 'auth',
  { target, keys }: ConnectOptions
): Error {
  const { publicKey } = keys[0];
  const where = hostPort(target);
  if (error?.level === 'client-authentication') {
    return fail(
      'auth-refused',
      'auth',
      `${where} did not accept the workspace key for the user "${target.user}".`,
      `Add this line to ~/.ssh/authorized_keys of ${target.user} on ${target.host}: ${publicKey}`,
      { user: target.user, host: target.host, port: target.port, publicKey }
    );
  }
  if (phase === 'auth') {
    return fail(
      'connection-lost',
      'auth',
      `${where} closed the connection during the login.`,
      'Try again; look into the log of the SSH server if it stays so.'
    );
  }
  return error?.level === 'protocol' || error?.level === 'handshake'
    ? fail(
        'handshake-failed',
        'ssh-handshake',
        `The SSH handshake with ${where} failed: ${error.message}.`,
        'Check that the port is that of an SSH server.'
      )
    : fail(
        'not-an-ssh-server',
        'ssh-handshake',
        `${where} closed the connection before the SSH handshake was done.`,
        'Check that the port is that of an SSH server, and that it does not limit new connections (MaxStartups).'
      );
}

export function openFailure(error: Error, host: string, port: number): Error {
  const { reason } = error as Error & { reason?: number };
  const target = hostPort({ host, port });
  switch (reason) {
    case openRefused.administrativelyProhibited:
      return fail(
        'forward-prohibited',
        'forward',
        `The bastion does not allow forwarding to ${target}.`,
        `Allow it there: AllowTcpForwarding yes, and permitopen="${target}" where the key's line lists targets.`,
        { target, server: error.message }
      );
    case openRefused.connectFailed:
      return fail(
        'forward-refused',
        'forward',
        `The bastion could not connect to ${target}: ${error.message}.`,
        'Check host and port as the bastion knows them, and that the server runs.',
        { target, server: error.message }
      );
    default:
      return fail(
        'forward-failed',
        'forward',
        `The bastion did not open a forward to ${target}: ${error.message}.`,
        'Try again; look into the log of the SSH server if it stays so.',
        { target, server: error.message }
      );
  }
}
