import { EventEmitter, once } from 'node:events';

import type { Failure, ForwardState } from '@underpass/protocol';

import type { SshTarget } from '../integrations/define.js';
import { asFailure, ServiceError } from '../serviceError.js';
import { backoff } from './backoff.js';
import type { Transport } from './engine.js';
import type { Traffic } from './traffic.js';

/** Milliseconds after which a session that needs a person is tried again because a socket was opened. */
const retryFailedAfter = 10_000;

interface SessionEvents {
  /** The state is another one. */
  changed: [];
  /** The connection is gone, or given up: sockets that ran over it are to be reset. */
  lost: [why: 'lost' | 'idle' | 'closed'];
}

/** What a session needs of the world; one object, so that tests can give another engine. */
export interface SessionEnvironment {
  connect(target: SshTarget, signal: AbortSignal): Promise<Transport>;
  /** Wait for a person's approval of the host key; false when there is none. @throws ServiceError if it is a no */
  approval(target: SshTarget, signal: AbortSignal): Promise<boolean>;
  /** Somebody needs this session now, so it is worth to dial again by itself. */
  wanted(session: Session): boolean;
}

/**
 * One SSH connection to a bastion, shared by all forwards with the same target and credential. It is dialled on
 * first need, by all who wait together; when it is lost it comes back by itself as long as somebody needs it.
 */
export class Session extends EventEmitter<SessionEvents> {
  private current: ForwardState = { kind: 'idle' };
  private transport: Transport | undefined;
  private dialling: Promise<Transport> | undefined;
  private retry: NodeJS.Timeout | undefined;
  private attempt = 0;
  private failedAt = 0;
  private readonly ending = new AbortController();
  /** Starts with the clock, so that it also grows when the service was restarted. */
  private generation = Date.now();
  /** Of all sockets that ran over it and are closed. */
  readonly traffic: Traffic = { sent: 0, received: 0 };

  constructor(
    readonly target: SshTarget,
    private readonly environment: SessionEnvironment
  ) {
    super();
    // Every forward of the session listens.
    this.setMaxListeners(0);
  }

  get state(): ForwardState {
    return this.current;
  }

  /**
   * The connection, dialled if need be (single flight). A person or a query gets the outcome of one attempt, made at
   * once. A socket can wait (`patient`): it lives through failed attempts that will be repeated, and does not repeat
   * what just failed and needs a person.
   * @throws ServiceError why there is none
   */
  async connected(
    signal: AbortSignal,
    { patient = false } = {}
  ): Promise<Transport> {
    while (!this.transport) {
      if (patient && !this.dialling && this.current.kind === 'waiting') {
        await once(this, 'changed', { signal });
        continue;
      }
      if (patient && !this.dialling && this.justFailed(this.current)) {
        throw new ServiceError(this.current.cause);
      }
      this.dialling ??= this.dial().finally(() => {
        this.dialling = undefined;
      });
      try {
        return await untilAborted(this.dialling, signal);
      } catch (error) {
        if (!patient || signal.aborted || this.current.kind !== 'waiting') {
          throw error;
        }
      }
    }
    return this.transport;
  }

  /** A host key was approved, say: what failed before may work now. */
  forgive(): void {
    if (this.current.kind === 'failed' && !this.dialling) {
      this.become({ kind: 'idle' });
    }
  }

  /** Give the connection up until somebody needs it again. */
  rest(why: 'idle' | 'closed' = 'idle'): void {
    clearTimeout(this.retry);
    const { transport } = this;
    if (transport) {
      // At once: the other end may never confirm it.
      this.transport = undefined;
      this.emit('lost', why);
      this.become({ kind: 'idle' });
      transport.close();
    } else if (this.current.kind === 'waiting') {
      this.become({ kind: 'idle' });
    }
  }

  close(): void {
    this.ending.abort();
    this.rest('closed');
  }

  private justFailed(
    state: ForwardState
  ): state is Extract<ForwardState, { kind: 'failed' }> {
    return (
      state.kind === 'failed' &&
      needsPerson(state.cause) &&
      Date.now() - this.failedAt < retryFailedAfter
    );
  }

  private async dial(): Promise<Transport> {
    clearTimeout(this.retry);
    for (;;) {
      this.become({ kind: 'dialling', since: new Date().toISOString() });
      try {
        const transport = await this.environment.connect(
          this.target,
          this.ending.signal
        );
        this.established(transport);
        return transport;
      } catch (error) {
        const cause = asFailure(error);
        this.failed(cause);
        if (cause.code !== 'host-key-unknown' || !(await this.approved())) {
          throw error;
        }
      }
    }
  }

  private async approved(): Promise<boolean> {
    try {
      return await this.environment.approval(this.target, this.ending.signal);
    } catch (error) {
      this.failed(asFailure(error));
      throw error;
    }
  }

  private established(transport: Transport): void {
    this.transport = transport;
    this.attempt = 0;
    this.generation += 1;
    transport.onLost(() => {
      if (this.transport !== transport) {
        return;
      }
      this.transport = undefined;
      this.emit('lost', 'lost');
      this.become({ kind: 'idle' });
      this.dialAgainIfWanted();
    });
    this.become({
      kind: 'up',
      since: new Date().toISOString(),
      generation: this.generation,
      hostKey: transport.hostKey
    });
  }

  private failed(cause: Failure): void {
    this.failedAt = Date.now();
    if (needsPerson(cause) || !this.environment.wanted(this)) {
      this.become({ kind: 'failed', cause });
      return;
    }
    const pause = backoff(this.attempt++);
    this.become({
      kind: 'waiting',
      attempt: this.attempt,
      retryAt: new Date(Date.now() + pause).toISOString(),
      cause
    });
    this.retry = setTimeout(() => this.dialAgainIfWanted(), pause);
    this.retry.unref();
  }

  private dialAgainIfWanted(): void {
    if (this.ending.signal.aborted) {
      return;
    }
    if (this.environment.wanted(this)) {
      // The failure is in the state; whoever waits asks for it.
      this.connected(this.ending.signal).catch(() => undefined);
    } else if (this.current.kind === 'waiting') {
      this.become({ kind: 'idle' });
    }
  }

  private become(state: ForwardState): void {
    this.current = state;
    this.emit('changed');
  }
}

/** Repeating these would only fill the bastion's log, lock the account, or ask a person for the keyring again. */
function needsPerson({ stage }: Failure): boolean {
  return stage === 'auth' || stage === 'host-key' || stage === 'request';
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const aborted = () => reject(signal.reason as Error);
    signal.addEventListener('abort', aborted, { once: true });
    promise
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', aborted));
  });
}
