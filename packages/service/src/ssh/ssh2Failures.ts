/**
 * Why there is no SSH connection: from ssh2's levels, from what the server has said before and during the login, and
 * from words only where OpenSSH has nothing else.
 */
import constants from 'ssh2/lib/protocol/constants.js';

import { hostPort } from '../address.js';
import { fail } from '../serviceError.js';
import { type Login, loginFailure } from './authFailures.js';
import type { ConnectOptions } from './engine.js';
import type { Greeting, Offers, Speaker } from './greeting.js';
import { printableNames } from './printable.js';

export type Phase = 'handshake' | 'host-key' | 'auth';

/** What is known when a connection ends. */
export interface Ending {
  phase: Phase;
  greeting: Greeting;
  login: Login;
  options: ConnectOptions;
}

/** As ssh2 throws them: `code` is the number of an SSH disconnect message. */
export type Ssh2Error = Error & { level?: string; code?: number | string };

/** @param error undefined where the connection was closed without a word */
export function connectFailure(
  error: Ssh2Error | undefined,
  { phase, greeting, login, options }: Ending
): Error {
  const where = hostPort(options.target);
  if (phase === 'auth') {
    return loginFailure(error, login, options);
  }
  if (phase === 'host-key') {
    return fail(
      'connection-lost',
      'host-key',
      `${where} closed the connection while its host key was looked at.`,
      'Try again.'
    );
  }
  const { speaker } = greeting;
  if (speaker.kind === 'ssh') {
    return agreementFailure(error, where, speaker);
  }
  return strangerFailure(speaker, where);
}

export function timedOut({ phase, greeting, options }: Ending): Error {
  const where = hostPort(options.target);
  const { speaker } = greeting;
  if (phase === 'auth') {
    return fail(
      'auth-timed-out',
      'auth',
      `${where} did not answer the login in time.`,
      'Try again; look into the log of the SSH server if it stays so: it may wait for a directory service.'
    );
  }
  if (speaker.kind === 'ssh' || speaker.kind === 'nobody') {
    return fail(
      'handshake-timed-out',
      'ssh-handshake',
      `${where} accepted the connection but ${speaker.kind === 'nobody' ? 'said nothing' : 'did not finish the SSH handshake'}.`,
      'Check that an SSH server listens on this port, that it is not overloaded, and that nothing on the way filters SSH.'
    );
  }
  return strangerFailure(speaker, where);
}

function strangerFailure(
  speaker: Exclude<Speaker, { kind: 'ssh' }>,
  where: string
): Error {
  switch (speaker.kind) {
    case 'nobody':
      return fail(
        'closed-before-greeting',
        'ssh-handshake',
        `${where} closed the connection without a word.`,
        'Check that the port is that of an SSH server; one that has too many logins at once (MaxStartups), or a rule against this address (fail2ban), does this too.'
      );
    case 'busy':
      return fail(
        'ssh-server-busy',
        'ssh-handshake',
        `${where} takes no more connections for now: ${speaker.words}.`,
        'Wait a moment and try again; its limits are MaxStartups, PerSourceMaxStartups and PerSourcePenalties.',
        { server: speaker.words }
      );
    case 'ssh-1':
      return fail(
        'ssh-protocol-1',
        'ssh-handshake',
        `${where} speaks version 1 of SSH only, which is broken: ${speaker.software}.`,
        'Have its administrator install a current SSH server.',
        { software: speaker.software }
      );
    case 'other': {
      const { what, words } = speaker;
      return fail(
        'not-an-ssh-server',
        'ssh-handshake',
        `${where} is not an SSH server${what ? `: it looks like ${what}` : ''}${words ? ` (it says "${words}")` : ''}.`,
        'Give the host and port of the bastion, mostly 22. The address of the service behind it belongs into the other fields.',
        {
          ...(what ? { looksLike: what } : {}),
          ...(words ? { server: words } : {})
        }
      );
    }
  }
}

function agreementFailure(
  error: Ssh2Error | undefined,
  where: string,
  { software, offers }: Extract<Speaker, { kind: 'ssh' }>
): Error {
  const missing = offers && nothingInCommon(offers);
  if (offers && missing) {
    const offered = printableNames(offers[missing]);
    return fail(
      'no-common-algorithm',
      'ssh-handshake',
      `${where} (${software}) and this client have no ${labels[missing]} in common; the server offers ${offered.join(', ') || 'none'}.`,
      `Have its administrator allow one of ${ours[missing].join(', ')} (${settings[missing]} in sshd_config).`,
      { kind: missing, offered, supported: [...ours[missing]] }
    );
  }
  if (error && typeof error.code === 'number') {
    return fail(
      'handshake-failed',
      'ssh-handshake',
      `${where} (${software}) ended the SSH handshake: ${error.message}.`,
      'Look into the log of the SSH server.',
      { software, server: error.message }
    );
  }
  return fail(
    'handshake-failed',
    'ssh-handshake',
    error && error.level !== 'client-socket'
      ? `The SSH handshake with ${where} (${software}) failed: ${error.message}.`
      : `${where} (${software}) closed the connection during the SSH handshake.`,
    'Try again; look into the log of the SSH server if it stays so.',
    { software }
  );
}

const ours: { [kind in keyof Offers]: readonly string[] } = {
  keyExchange: constants.DEFAULT_KEX,
  hostKey: constants.DEFAULT_SERVER_HOST_KEY,
  cipher: constants.DEFAULT_CIPHER,
  mac: constants.DEFAULT_MAC
};

const labels: { [kind in keyof Offers]: string } = {
  keyExchange: 'key exchange',
  hostKey: 'type of host key',
  cipher: 'cipher',
  mac: 'message authentication'
};

const settings: { [kind in keyof Offers]: string } = {
  keyExchange: 'KexAlgorithms',
  hostKey: 'HostKeyAlgorithms',
  cipher: 'Ciphers',
  mac: 'MACs'
};

/** The first kind for which the two sides share no algorithm. Ciphers that authenticate by themselves need no MAC. */
function nothingInCommon(offers: Offers): keyof Offers | undefined {
  const shared = (kind: keyof Offers) =>
    ours[kind].filter(name => offers[kind].includes(name));
  for (const kind of ['keyExchange', 'hostKey', 'cipher'] as const) {
    if (shared(kind).length === 0) {
      return kind;
    }
  }
  const cipher = shared('cipher')[0] ?? '';
  return /gcm|poly1305/.test(cipher) || shared('mac').length > 0
    ? undefined
    : 'mac';
}
