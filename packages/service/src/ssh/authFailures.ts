/**
 * Why a login to an SSH server failed. An unknown user, a user who may not log in and a key that is not known look the
 * same on purpose; what does differ is told apart.
 */
import type { Json } from '@underpass/protocol';

import { hostPort } from '../address.js';
import { fail } from '../serviceError.js';
import type { ConnectOptions, LoginKey } from './engine.js';

/** One key that was to be shown. */
export interface Attempt {
  key: LoginKey;
  outcome: 'pending' | 'refused' | 'accepted-but-not-enough' | 'not-sent';
}

/** What happened so far. */
export interface Login {
  attempts: Attempt[];
  /** Methods that the server would still take, once it has said so. */
  methods?: string[];
  /** The very list of its last answer. */
  methodsBefore?: readonly string[];
  /** Signatures that it accepts, where it has said so. */
  signatures?: string[];
  /** Its words to whoever logs in. */
  banner?: string;
}

/** RFC 4253, 11.1. OpenSSH ends everything with 2. */
const noMoreMethods = 14;
/** OpenSSH's and libssh's words: their number does not tell it from other ends. */
const tooMany = /too many authentication (?:failures|attempts)/i;

export function loginFailure(
  error: (Error & { level?: string; code?: number | string }) | undefined,
  login: Login,
  options: ConnectOptions
): Error {
  const { target } = options;
  const where = hostPort(target);
  const detail = describe(login, options);
  if (error?.level === 'client-authentication') {
    return refusal(login, options, where, detail);
  }
  if (
    error?.code === noMoreMethods ||
    (typeof error?.code === 'number' && tooMany.test(error.message))
  ) {
    const tried = login.attempts.length;
    return fail(
      'auth-too-many-attempts',
      'auth',
      `${where} ended the login of "${target.user}" after ${tried} ${tried === 1 ? 'key' : 'keys'}: it allows no more attempts.`,
      `Raise MaxAuthTries there, or authorize the key: add this line to ~/.ssh/authorized_keys of ${target.user} on ${target.host}: ${options.keys[0].publicKey}`,
      detail
    );
  }
  const words =
    error && error.level !== 'client-socket' ? ` (${error.message})` : '';
  return fail(
    'auth-closed',
    'auth',
    `${where} closed the connection during the login of "${target.user}"${words}.`,
    'Look into the log of the SSH server: the account may have expired or be locked, or the login took longer than LoginGraceTime.',
    { ...detail, ...(words ? { server: error?.message ?? '' } : {}) }
  );
}

function refusal(
  login: Login,
  { target, keys }: ConnectOptions,
  where: string,
  detail: { [key: string]: Json }
): Error {
  const { attempts, methods = [] } = login;
  const left = methods.join(', ') || 'nothing else';
  if (attempts.some(({ outcome }) => outcome === 'accepted-but-not-enough')) {
    return fail(
      'auth-second-factor',
      'auth',
      `${where} accepted the key of "${target.user}", and wants ${left} as well.`,
      'Have its administrator let this key in alone (a Match block with AuthenticationMethods publickey).',
      detail
    );
  }
  if (
    attempts.length > 0 &&
    attempts.every(attempt => isUnwanted(attempt, login))
  ) {
    const types = [...new Set(attempts.map(({ key }) => keyTypeOf(key)))];
    return fail(
      'auth-key-type-refused',
      'auth',
      `${where} takes no signatures of ${types.join(' and ')} keys; it takes ${(login.signatures ?? []).join(', ') || 'none that it names'}.`,
      'Allow them there (PubkeyAcceptedAlgorithms in sshd_config), or use a key of another type: underpass key import.',
      detail
    );
  }
  if (methods.length > 0 && !methods.includes('publickey')) {
    return fail(
      'auth-no-public-key',
      'auth',
      `${where} does not let "${target.user}" log in with a key at all, only with ${left}.`,
      'Set PubkeyAuthentication yes there, and let AuthenticationMethods include publickey.',
      detail
    );
  }
  const shown = attempts
    .filter(({ outcome }) => outcome === 'refused')
    .map(({ key }) => key.fingerprint);
  return fail(
    'auth-refused',
    'auth',
    `${where} did not accept the workspace key for the user "${target.user}" (shown: ${shown.join(', ') || 'none'}; it still takes ${left}).`,
    `${rsaHint(attempts)}Check the user, then add this line to ~/.ssh/authorized_keys of ${target.user} on ${target.host}: ${keys[0].publicKey}`,
    { ...detail, publicKey: keys[0].publicKey }
  );
}

/** Most servers do not say which signatures they really take. */
function rsaHint(attempts: readonly Attempt[]): string {
  return attempts.some(({ key }) => keyTypeOf(key) === 'ssh-rsa')
    ? 'RSA keys must be allowed there (PubkeyAcceptedAlgorithms, RequiredRSASize). '
    : '';
}

function isUnwanted({ key, outcome }: Attempt, { signatures }: Login): boolean {
  const type = keyTypeOf(key);
  return (
    outcome === 'not-sent' ||
    (signatures !== undefined &&
      !(
        type === 'ssh-rsa'
          ? ['ssh-rsa', 'rsa-sha2-256', 'rsa-sha2-512']
          : [type]
      ).some(name => signatures.includes(name)))
  );
}

function keyTypeOf({ publicKey }: LoginKey): string {
  return publicKey.split(' ', 1)[0] ?? '';
}

function describe(
  { attempts, methods, banner }: Login,
  { target }: ConnectOptions
): { [key: string]: Json } {
  return {
    user: target.user,
    host: target.host,
    port: target.port,
    offered: attempts.map(({ key, outcome }) => ({
      fingerprint: key.fingerprint,
      keyType: keyTypeOf(key),
      outcome
    })),
    ...(methods ? { methods } : {}),
    ...(banner ? { banner } : {})
  };
}
