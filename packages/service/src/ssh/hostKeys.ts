import { createHmac, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';

import type { HostKeyPrompt, HostKeyStatus } from '@underpass/protocol';

import { type HostAndPort, hostPort } from '../address.js';
import { fail } from '../serviceError.js';
import type { Store, StoredHostKey } from '../workspace/store.js';
import type { PresentedHostKey } from './engine.js';

/** Milliseconds that a connection waits for a person to look at a fingerprint. */
const approvalTimeout = 120_000;

/** Milliseconds that a "no" counts: a cell's query comes a moment after the dialling ahead that was rejected. */
const rejectionLasts = 15_000;

const salt = randomBytes(16);

interface HostKeyEvents {
  prompts: [id: string];
  answered: [host: string, port: number, approved: boolean];
}

/**
 * Which host keys are trusted, and the questions about those that are not. A changed key is never a question:
 * it has to be removed by name first.
 */
export class HostKeys extends EventEmitter<HostKeyEvents> {
  private readonly prompts = new Map<string, HostKeyPrompt>();
  /** Prompts that were answered with no, and when. */
  private readonly rejected = new Map<
    string,
    { prompt: HostKeyPrompt; when: number }
  >();

  /** @param canAsk whether a client is there that shows prompts to a person */
  constructor(
    private readonly store: Store,
    private readonly canAsk: () => boolean
  ) {
    super();
  }

  knownKeys({ host, port }: HostAndPort): StoredHostKey[] {
    return this.store
      .hostKeys()
      .filter(key => key.host === host && key.port === port);
  }

  /**
   * A known host with another key is `changed` whatever the key's type: the known types were asked for first,
   * so an honest server would have shown one of them.
   */
  status(target: HostAndPort, key: PresentedHostKey): HostKeyStatus {
    const known = this.knownKeys(target);
    if (known.length === 0) {
      return 'unknown';
    }
    return known.some(({ fingerprint }) => fingerprint === key.fingerprint)
      ? 'known'
      : 'changed';
  }

  /** @throws ServiceError `host-key-unknown` or `host-key-changed` */
  verify(
    target: HostAndPort,
    key: PresentedHostKey,
    integrations: readonly string[]
  ): void {
    const status = this.status(target, key);
    if (status === 'known') {
      return;
    }
    this.prompt(target, key, status, integrations);
    const where = hostPort(target);
    const detail = {
      host: target.host,
      port: target.port,
      keyType: key.keyType,
      fingerprint: key.fingerprint
    };
    if (status === 'changed') {
      throw fail(
        'host-key-changed',
        'host-key',
        `The host key of ${where} is not the approved one (it shows ${key.keyType} ${key.fingerprint}): somebody may be listening in.`,
        `Ask the owner of the server. If the new key is right: underpass hostkey remove ${where} && underpass hostkey approve ${where} ${key.fingerprint}`,
        detail
      );
    }
    throw fail(
      'host-key-unknown',
      'host-key',
      `The host key of ${where} is not approved yet: ${key.keyType} ${key.fingerprint}`,
      `Compare it with the server's own (ssh-keygen -lf on the server), then: underpass hostkey approve ${where} ${key.fingerprint}`,
      {
        ...detail,
        command: `underpass hostkey approve ${where} ${key.fingerprint}`
      }
    );
  }

  pending(): HostKeyPrompt[] {
    return [...this.prompts.values()];
  }

  /** Whether a person is being asked about a key of the host. */
  asks({ host, port }: HostAndPort): boolean {
    return (
      this.canAsk() &&
      this.pending().some(
        prompt => prompt.host === host && prompt.port === port
      )
    );
  }

  /**
   * Resolves with a person's answer about a key of the host.
   * @returns at once when nobody can be asked or the answer is there already; false after two minutes without one
   * @throws ServiceError `host-key-rejected` if a person says no, or has just done so
   */
  async approval(target: HostAndPort, signal: AbortSignal): Promise<boolean> {
    const approved = this.asks(target)
      ? await this.answer(target, signal)
      : this.knownKeys(target).length > 0;
    const rejected = approved ? undefined : this.rejection(target);
    if (rejected) {
      throw rejected;
    }
    return approved;
  }

  private answer(
    { host, port }: HostAndPort,
    signal: AbortSignal
  ): Promise<boolean> {
    return new Promise(resolve => {
      const finish = (approved: boolean) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        this.off('answered', listener);
        resolve(approved);
      };
      const giveUp = () => finish(false);
      const timer = setTimeout(giveUp, approvalTimeout);
      const listener = (
        answeredHost: string,
        answeredPort: number,
        approved: boolean
      ) => {
        if (answeredHost === host && answeredPort === port) {
          finish(approved);
        }
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.on('answered', listener);
    });
  }

  approve(target: HostAndPort, key: PresentedHostKey): StoredHostKey {
    if (this.status(target, key) === 'changed') {
      const where = hostPort(target);
      throw fail(
        'host-key-changed',
        'host-key',
        `Another host key of ${where} is approved already.`,
        `Remove that one first, if the change is right: underpass hostkey remove ${where}`
      );
    }
    const approved: StoredHostKey = {
      host: target.host,
      port: target.port,
      keyType: key.keyType,
      fingerprint: key.fingerprint,
      approvedAt: new Date().toISOString()
    };
    this.store.approveHostKey(approved);
    this.forgetPrompts(target);
    this.emit('answered', target.host, target.port, true);
    return approved;
  }

  /** What waits for the answer fails now, and so does what comes right after; later attempts ask again. */
  reject(id: string): void {
    const prompt = this.prompts.get(id);
    if (prompt) {
      this.rejected.set(id, { prompt, when: Date.now() });
      this.forgetPrompts(prompt);
      this.emit('answered', prompt.host, prompt.port, false);
    }
  }

  remove(target: HostAndPort): number {
    this.forgetPrompts(target);
    return this.store.removeHostKeys(target.host, target.port);
  }

  private prompt(
    { host, port }: HostAndPort,
    { keyType, fingerprint }: PresentedHostKey,
    status: 'unknown' | 'changed',
    integrations: readonly string[]
  ): void {
    const id = promptId({ host, port }, fingerprint);
    if (this.wasRejected(id)) {
      return;
    }
    const waiting = this.prompts.get(id)?.integrations ?? [];
    const together = [...new Set([...waiting, ...integrations])];
    if (this.prompts.has(id) && together.length === waiting.length) {
      return;
    }
    this.prompts.set(id, {
      id,
      host,
      port,
      keyType,
      fingerprint,
      status,
      integrations: together
    });
    this.emit('prompts', id);
  }

  private wasRejected(id: string): boolean {
    const { when = 0 } = this.rejected.get(id) ?? {};
    return Date.now() - when < rejectionLasts;
  }

  private rejection({ host, port }: HostAndPort): Error | undefined {
    const found = [...this.rejected.values()].find(
      ({ prompt }) =>
        prompt.host === host &&
        prompt.port === port &&
        this.wasRejected(prompt.id)
    );
    if (!found) {
      return undefined;
    }
    const { keyType, fingerprint } = found.prompt;
    const where = hostPort({ host, port });
    const command = `underpass hostkey approve ${where} ${fingerprint}`;
    return fail(
      'host-key-rejected',
      'host-key',
      `The host key of ${where} was rejected by a person: ${keyType} ${fingerprint}`,
      `Find out who runs that server. If the key is right: ${command}`,
      { host, port, keyType, fingerprint, command }
    );
  }

  private forgetPrompts({ host, port }: HostAndPort): void {
    for (const [id, prompt] of this.prompts) {
      if (prompt.host === host && prompt.port === port) {
        this.prompts.delete(id);
        this.emit('prompts', id);
      }
    }
  }
}

/** The same for the same question as long as this process lives; names nothing to those who only hear of it. */
function promptId(target: HostAndPort, fingerprint: string): string {
  return createHmac('sha256', salt)
    .update(`${hostPort(target)} ${fingerprint}`)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
