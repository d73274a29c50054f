import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import type { Fingerprint } from '@underpass/protocol';
import ssh2 from 'ssh2';

import { hostPort } from '../address.js';
import { fail } from '../serviceError.js';
import { dial } from './dial.js';
import type {
  ConnectOptions,
  LoginKey,
  SshEngine,
  Transport
} from './engine.js';
import { fingerprintOf, keyTypeOf } from './openssh.js';
import { handshakeFailure, openFailure, timedOut } from './ssh2Failures.js';

/** Milliseconds from the TCP connection to the host key, and from there to the end of authentication. */
const handshakeTimeout = 20_000;
const authTimeout = 30_000;
/** Milliseconds for the answer to the opening of a channel. */
const openTimeout = 20_000;
/** Milliseconds for a connection to end in order. */
const farewell = 2_000;
/** A dead link is noticed after 15 s × 3 (ssh2 has no keepalive by default). */
const keepalive = { keepaliveInterval: 15_000, keepaliveCountMax: 3 };

export const ssh2Engine: SshEngine = {
  async connect(options) {
    const socket = await dial(options.target, options.signal, options.onStage);
    return handshake(socket, options);
  }
};

function handshake(
  socket: Socket,
  options: ConnectOptions
): Promise<Transport> {
  const { target, signal } = options;
  const client = new ssh2.Client();
  const where = hostPort(target);
  let phase: 'handshake' | 'auth' = 'handshake';
  let hostKey: Fingerprint = '';
  let refused: unknown;
  let ready = false;
  let attempts = 0;
  let tried: LoginKey | undefined;
  options.onStage?.('ssh-handshake');

  return new Promise((resolve, reject) => {
    const stop = (reason: unknown) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      // Late errors of a finished client must not end the process.
      client.on('error', () => undefined);
      client.destroy();
      reject(reason as Error);
    };
    const aborted = () => stop(signal.reason);
    let timer = setTimeout(
      () => stop(timedOut(where, phase)),
      handshakeTimeout
    );
    signal.addEventListener('abort', aborted, { once: true });
    // Registered before ssh2's own listener, so that the loss is known before channels are told of their end.
    const lost = new Loss(socket);

    client
      .on('ready', () => {
        ready = true;
        clearTimeout(timer);
        signal.removeEventListener('abort', aborted);
        resolve(
          new Ssh2Transport(
            client,
            socket,
            hostKey,
            tried?.fingerprint ?? '',
            lost
          )
        );
      })
      .on('error', (error: Error & { level?: string }) => {
        // ssh2 goes on to the next method after an agent's error.
        if (error.level !== 'agent') {
          stop(refused ?? handshakeFailure(error, phase, options));
        }
      })
      .on('close', () =>
        stop(refused ?? handshakeFailure(undefined, phase, options))
      );
    client.connect({
      sock: socket,
      username: target.user,
      authHandler: (_methods, _partial, next) => {
        tried = options.keys[attempts++];
        next(
          tried
            ? {
                type: 'publickey',
                username: target.user,
                key: tried.privateKey
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
      hostVerifier: (blob: Buffer) => {
        if (ready) {
          // Asked again at every new exchange of keys: it must be the same server.
          return fingerprintOf(blob) === hostKey;
        }
        options.onStage?.('host-key');
        hostKey = fingerprintOf(blob);
        try {
          options.verifyHostKey({
            keyType: keyTypeOf(blob),
            fingerprint: hostKey
          });
        } catch (error) {
          refused = error;
          return false;
        }
        phase = 'auth';
        clearTimeout(timer);
        timer = setTimeout(() => stop(timedOut(where, phase)), authTimeout);
        options.onStage?.('auth');
        return true;
      }
    });
  });
}

/** Tells once that a socket is gone. */
class Loss {
  private readonly listeners: (() => void)[] = [];
  happened = false;

  constructor(socket: Socket) {
    const tell = () => {
      if (!this.happened) {
        this.happened = true;
        this.listeners.forEach(listener => listener());
      }
    };
    socket.on('end', tell).on('error', tell).on('close', tell);
  }

  listen(listener: () => void): void {
    this.listeners.push(listener);
  }
}

class Ssh2Transport implements Transport {
  constructor(
    private readonly client: ssh2.Client,
    private readonly socket: Socket,
    readonly hostKey: Fingerprint,
    readonly loginKey: Fingerprint,
    private readonly loss: Loss
  ) {
    // Everything that ends a connection ends its socket; `Loss` tells of that.
    client.removeAllListeners('error').on('error', () => socket.destroy());
    client.removeAllListeners('close');
  }

  get alive(): boolean {
    return !this.loss.happened;
  }

  openChannel(
    host: string,
    port: number,
    signal: AbortSignal
  ): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      let late = false;
      const giveUp = (reason: unknown) => {
        late = true;
        settle();
        reject(reason as Error);
      };
      const aborted = () => giveUp(signal.reason);
      const timer = setTimeout(
        () => giveUp(openFailure(new Error('no answer'), host, port)),
        openTimeout
      );
      const settle = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', aborted);
      };
      signal.addEventListener('abort', aborted, { once: true });
      try {
        this.client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
          settle();
          if (error) {
            reject(openFailure(error, host, port));
          } else if (late) {
            channel.destroy();
          } else {
            resolve(channel);
          }
        });
      } catch {
        settle();
        // ssh2 throws instead of calling back when the connection is gone.
        reject(
          fail(
            'connection-lost',
            'forward',
            'The SSH connection was lost before the forward was open.',
            'Run it again: the connection is made anew.'
          )
        );
      }
    });
  }

  onLost(listener: () => void): void {
    this.loss.listen(listener);
  }

  close(): void {
    this.client.end();
    // A bastion that is gone, or does not want to, never answers the farewell.
    setTimeout(() => this.socket.destroy(), farewell).unref();
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
