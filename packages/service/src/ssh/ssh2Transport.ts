import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import type { Fingerprint } from '@underpass/protocol';
import type ssh2 from 'ssh2';

import { fail } from '../serviceError.js';
import type { Transport } from './engine.js';
import { openFailure, openTimedOut } from './openRefusals.js';

/** Milliseconds for the answer to the opening of a channel. */
const openTimeout = 20_000;
/** Milliseconds for a connection to end in order. */
const farewell = 2_000;

/** Tells once that a socket is gone. */
export class Loss {
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

export class Ssh2Transport implements Transport {
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
      signal.throwIfAborted();
      let late = false;
      const giveUp = (reason: unknown) => {
        late = true;
        settle();
        reject(reason as Error);
      };
      const aborted = () => giveUp(signal.reason);
      const timer = setTimeout(
        () => giveUp(openTimedOut(host, port)),
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
            reject(this.alive ? openFailure(error, host, port) : lostEarly());
          } else if (late) {
            channel.destroy();
          } else {
            resolve(channel);
          }
        });
      } catch {
        settle();
        // ssh2 throws instead of calling back when the connection is gone.
        reject(lostEarly());
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

function lostEarly(): Error {
  return fail(
    'connection-lost',
    'forward',
    'The SSH connection was lost before the forward was open.',
    'Run it again: the connection is made anew.'
  );
}
