import { EventEmitter } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

import type { HeldForward } from '@underpass/protocol';

import { asFailure, fail } from '../serviceError.js';
import { backoff } from '../ssh/backoff.js';
import type { ServiceClient } from './client.js';
import { requireOwnListener } from './listener.js';

interface HoldingEvents {
  /** The service is gone; it is started again. */
  lost: [];
  /** The forwards are there again. */
  back: [];
  /** Somebody took the port while the service was away: who was told the former one has to be told this one. */
  moved: [former: HeldForward, now: HeldForward];
}

/** What may be otherwise at the next attempt. */
const passing = new Set([
  'service-unavailable',
  'service-unresponsive',
  'storage-failed',
  'port-in-use',
  'listener-foreign',
  'listener-missing'
]);

/**
 * Forwards that stay open although the service is killed or crashes: it is started again, and they come back on the
 * same ports where these are free. Who stops the service in order wants it to be gone: then this ends, too.
 */
export class Holding extends EventEmitter<HoldingEvents> {
  /** Rejects when the forwards can not be held any more. */
  readonly ended: Promise<never>;
  private end: (reason: unknown) => void = () => undefined;
  private forwards: HeldForward[];
  private returning = false;
  private readonly stopping = new AbortController();

  /**
   * @param client holds the forwards now
   * @param reopen makes another client when that one is gone
   * @param over from then on, what happens to the service is not our business any more
   */
  constructor(
    client: ServiceClient,
    forwards: readonly HeldForward[],
    private readonly reopen: () => Promise<ServiceClient>,
    over: AbortSignal
  ) {
    super();
    this.forwards = [...forwards];
    this.ended = new Promise((_, reject) => {
      this.end = reject;
    });
    // Who does not wait for it does not care.
    this.ended.catch(() => undefined);
    over.addEventListener('abort', () => this.stopping.abort());
    this.follow(client);
  }

  private get stopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private follow(client: ServiceClient): void {
    client.onEnding(({ reason }) => {
      if (reason === 'stopped' && !this.stopped) {
        this.stopping.abort();
        this.end(
          fail(
            'service-unavailable',
            'request',
            'The tunnel service was stopped.',
            'Run it again: the service is started anew, with the same ports.'
          )
        );
      }
    });
    client.onChanged(({ topic }) => {
      if (topic === 'integrations') {
        // Changed, disconnected or removed: the port may be closed, or another one.
        this.renew(client).catch((error: unknown) => {
          if (!passing.has(asFailure(error).code)) {
            this.end(error);
          }
        });
      }
    });
    client.onClose(() => void this.comeBack());
  }

  private async comeBack(): Promise<void> {
    if (this.returning || this.stopped) {
      return;
    }
    this.returning = true;
    this.emit('lost');
    for (let attempt = 0; !this.stopped; attempt++) {
      try {
        await this.reconnect();
        break;
      } catch (error) {
        if (!passing.has(asFailure(error).code)) {
          this.end(error);
          return;
        }
        await pause(backoff(attempt), undefined, {
          signal: this.stopping.signal
        }).catch(() => undefined);
      }
    }
    this.returning = false;
  }

  private async reconnect(): Promise<void> {
    const client = await this.reopen();
    if (this.stopped) {
      client.close();
      return;
    }
    let gone = false;
    client.onClose(() => {
      gone = true;
    });
    await this.renew(client);
    if (gone) {
      throw connectionGone();
    }
    this.follow(client);
    this.emit('back');
  }

  /** Ask for the same forwards again, without waiting for the bastion: the service goes on trying by itself. */
  private async renew(client: ServiceClient): Promise<void> {
    const { forwards } = await client.request('underpass/hold', {
      integrations: this.forwards.map(({ integration }) => integration),
      wait: false
    });
    const former = this.forwards;
    this.forwards = forwards;
    for (const [index, now] of forwards.entries()) {
      await requireOwnListener(now.forward.localPort);
      const before = former[index];
      if (before && before.forward.localPort !== now.forward.localPort) {
        this.emit('moved', before, now);
      }
    }
  }
}

function connectionGone(): Error {
  return fail(
    'service-unavailable',
    'request',
    'The tunnel service ended again.',
    'Look into its log: underpass logs'
  );
}
