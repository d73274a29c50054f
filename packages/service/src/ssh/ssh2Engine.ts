import type { Socket } from 'node:net';

import type { Fingerprint } from '@underpass/protocol';
import ssh2 from 'ssh2';

import type { Login } from './authFailures.js';
import { dial } from './dial.js';
import type {
  ConnectOptions,
  LoginKey,
  SshEngine,
  Transport
} from './engine.js';
import { Greeting } from './greeting.js';
import { fingerprintOf, keyTypeOf } from './openssh.js';
import { printable, printableNames } from './printable.js';
import {
  connectFailure,
  type Phase,
  type Ssh2Error,
  timedOut
} from './ssh2Failures.js';
import { Loss, Ssh2Transport } from './ssh2Transport.js';

/** Milliseconds from the TCP connection to the host key, and from there to the end of authentication. */
const handshakeTimeout = 20_000;
const authTimeout = 30_000;
/** A dead link is noticed after 15 s × 3 (ssh2 has no keepalive by default). */
const keepalive = { keepaliveInterval: 15_000, keepaliveCountMax: 3 };

export const ssh2Engine: SshEngine = {
  async connect(options) {
    const socket = await dial(
      options.target,
      options.signal,
      stage => options.onStage?.(stage),
      message => options.onFound?.(message)
    );
    return handshake(socket, options);
  }
};

function handshake(
  socket: Socket,
  options: ConnectOptions
): Promise<Transport> {
  const { target, signal } = options;
  const client = new ssh2.Client();
  const greeting = new Greeting();
  const login: Login = { attempts: [] };
  let phase: Phase = 'handshake';
  /** A person has looked at the host key, and the server has not answered since. */
  let waited = false;
  let hostKey: Fingerprint = '';
  let refused: unknown;
  let ready = false;
  let over = false;
  options.onStage?.('ssh-handshake');

  return new Promise((resolve, reject) => {
    const stop = (reason: unknown) => {
      over = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      // Late errors of a finished client must not end the process.
      client.on('error', () => undefined);
      client.destroy();
      reject(reason as Error);
    };
    const ending = () => ({ phase, greeting, login, options });
    const ended = (error?: Ssh2Error) => {
      if (error) {
        // May be the server's words.
        error.message = printable(error.message);
      }
      const hungUp = !error || error.level === 'client-socket';
      // It may have gone while the person looked, which is known only now.
      stop(
        refused ??
          connectFailure(error, {
            ...ending(),
            phase: waited && hungUp ? 'host-key' : phase
          })
      );
    };
    const aborted = () => stop(signal.reason);
    const expired = () => stop(timedOut(ending()));
    let timer = setTimeout(expired, handshakeTimeout);
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) {
      aborted();
      socket.destroy();
      return;
    }
    // Registered before ssh2's own listener, so that the loss is known before channels are told of their end.
    const lost = new Loss(socket);

    client
      .on('ready', () => {
        ready = true;
        clearTimeout(timer);
        signal.removeEventListener('abort', aborted);
        const loginKey = login.attempts.at(-1)?.key.fingerprint ?? '';
        options.onFound?.(`Logged in as ${target.user} with ${loginKey}`);
        resolve(new Ssh2Transport(client, socket, hostKey, loginKey, lost));
      })
      .on('error', (error: Ssh2Error) => {
        // ssh2 goes on to the next method after an agent's error.
        if (error.level !== 'agent') {
          ended(error);
        }
      })
      .on('close', () => ended())
      .on('banner', text => {
        login.banner = text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 500);
      });
    client.connect({
      sock: socket,
      username: target.user,
      authHandler: (methods, partial, next) => {
        waited = false;
        const key = nextKey(options.keys, login, methods, partial);
        next(
          key
            ? {
                type: 'publickey',
                username: target.user,
                key: key.privateKey
              }
            : (false as never)
        );
      },
      // Phases have timers of their own: this one would run while a person reads a fingerprint.
      readyTimeout: 0,
      strictVendor: false,
      ...keepalive,
      algorithms: {
        serverHostKey: {
          prepend: algorithmsFor(options.knownKeyTypes),
          append: [],
          remove: []
        }
      },
      hostVerifier: (blob: Buffer, verify: (accepted: boolean) => void) => {
        const fingerprint = fingerprintOf(blob);
        if (ready) {
          // Asked again at every new exchange of keys: it must be the same server.
          verify(fingerprint === hostKey);
          return;
        }
        clearTimeout(timer);
        phase = 'host-key';
        hostKey = fingerprint;
        const { speaker } = greeting;
        if (speaker.kind === 'ssh') {
          options.onFound?.(speaker.software);
        }
        options.onStage?.('host-key');
        if (signal.aborted) {
          return;
        }
        const key = { keyType: keyTypeOf(blob), fingerprint };
        const accepted = () => {
          if (!over) {
            options.onFound?.(`${key.keyType} ${fingerprint} is approved`);
            phase = 'auth';
            timer = setTimeout(expired, authTimeout);
            options.onStage?.('auth');
            if (!signal.aborted) {
              verify(true);
            }
          }
        };
        const refuse = (error: unknown) => {
          refused = error;
          verify(false);
        };
        try {
          const waiting = options.verifyHostKey(key);
          if (waiting) {
            waited = true;
            waiting.then(accepted, refuse);
          } else {
            accepted();
          }
        } catch (error) {
          refuse(error);
        }
      }
    });
    // Paused by ssh2 until its own listener is there, which comes behind this one.
    socket.on('data', function read(chunk: Buffer) {
      if (!greeting.feed(chunk)) {
        ended();
      }
      if (greeting.complete) {
        socket.off('data', read);
      }
    });
    listenForSignatures(client, login);
  });
}

/** Note what the server said to the key before, and take the next one while it wants keys at all. */
function nextKey(
  keys: readonly LoginKey[],
  login: Login,
  methods: readonly string[] | null,
  partial: boolean | null
): LoginKey | undefined {
  const last = login.attempts.at(-1);
  if (last?.outcome === 'pending') {
    // ssh2 asks again without an answer of the server's where it can not sign as the server wants.
    const answered = methods !== null && methods !== login.methodsBefore;
    last.outcome = !answered
      ? 'not-sent'
      : partial
        ? 'accepted-but-not-enough'
        : 'refused';
  }
  if (methods) {
    login.methods = printableNames(methods);
    login.methodsBefore = methods;
  }
  const key = keys[login.attempts.length];
  if (!key || (login.methods && !login.methods.includes('publickey'))) {
    return undefined;
  }
  login.attempts.push({ key, outcome: 'pending' });
  return key;
}

/** ssh2 keeps the signatures that a server accepts to itself, and uses them for RSA keys only. */
function listenForSignatures(client: ssh2.Client, login: Login): void {
  const { _protocol: protocol } = client as unknown as {
    _protocol?: {
      _handlers?: {
        EXT_INFO?: (
          protocol: unknown,
          extensions: { name: string; algs?: string[] }[]
        ) => void;
      };
    };
  };
  const handlers = protocol?._handlers;
  const original = handlers?.EXT_INFO;
  if (handlers && original) {
    handlers.EXT_INFO = (from, extensions) => {
      const found = extensions.find(({ name }) => name === 'server-sig-algs');
      if (found?.algs) {
        login.signatures ??= printableNames(found.algs);
      }
      original(from, extensions);
    };
  }
}

/** An RSA key is asked for with its SHA-2 signatures. */
function algorithmsFor(
  keyTypes: readonly string[]
): ssh2.ServerHostKeyAlgorithm[] {
  return keyTypes.flatMap(type =>
    type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type]
  ) as ssh2.ServerHostKeyAlgorithm[];
}
