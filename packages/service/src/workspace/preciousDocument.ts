import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';

import type { WorkspaceProblem } from '@underpass/protocol';

import { ServiceError } from '../serviceError.js';
import { prepareFile } from './atomicFile.js';
import { commitTogether, type PreparedChange } from './commit.js';
import { close } from './envelope.js';
import { bytesOf, isSame, signatureOf } from './fileNow.js';
import type { Format } from './format.js';
import { Keeper } from './keeper.js';
import { type Loaded, Loader } from './loader.js';
import { goneFailure, readFailure } from './storageFailure.js';

/** Milliseconds after a write at which is looked whether another host wrote at the same moment and undid it. */
const looksAgain = [250, 2_000, 10_000];

/** What is to be done with the content. `again` is true where another host has undone it, and it is done once more. */
export type Change<T> = (value: T, again: boolean) => T;

interface PreciousEvents {
  /** Somebody else has changed the content. */
  changed: [];
  problems: [];
}

interface State<T> extends Loaded<T> {
  bytes: Buffer | undefined;
  /** What the file looked like from outside when it was read. */
  seen: string | undefined;
}

/**
 * One JSON file that must not be lost. Every write is atomic and synced, is made from what the file says at that
 * moment (other hosts may share the home), and is repeated where another host undid it. A damaged file is kept aside
 * and the rest of it is used, with a last good copy to fill the gaps. One of a later version is not touched.
 */
export class PreciousDocument<T> extends EventEmitter<PreciousEvents> {
  private readonly loader: Loader<T>;
  private readonly keeper: Keeper;
  private readonly writer = `w${randomBytes(6).toString('hex')}`;
  private readonly version: number;
  private state: State<T> | undefined;
  /** Why the file can not be read or repaired now. */
  private trouble: ServiceError | undefined;
  private written = 0;
  private unsettled: { number: number; change: Change<T>; at: number }[] = [];
  private isDoingAgain = false;

  constructor(
    readonly path: string,
    format: Format<T>
  ) {
    super();
    this.keeper = new Keeper(path);
    this.loader = new Loader(path, format, this.keeper);
    this.version = format.migrations.length + 1;
  }

  /**
   * What the file says; what it said last, while it can not be read. Do not change the result.
   * @throws ServiceError `storage-failed` or `storage-newer`, if it could not be read even once
   */
  read(): T {
    try {
      const seen = signatureOf(this.path);
      if (!this.state || seen !== this.state.seen) {
        this.load(seen);
      }
    } catch (error) {
      this.troubled(error);
    }
    if (!this.state) {
      throw this.trouble as ServiceError;
    }
    return this.state.value;
  }

  /** What is wrong with the file, now or until the damaged one is deleted. */
  problems(): WorkspaceProblem[] {
    return [
      ...(this.trouble
        ? [{ path: this.path, failure: this.trouble.failure }]
        : []),
      ...this.kept().map(({ keptAs, failure }) => ({
        path: this.path,
        keptAs: this.keeper.pathOf(keptAs),
        failure
      }))
    ];
  }

  /**
   * Change it in one atomic write.
   * @throws ServiceError; nothing was changed then
   */
  change(change: Change<T>): void {
    commitTogether([() => this.prepare(change)]);
  }

  /** Make a change safe on disk without letting it take its place yet; see {@link commitTogether}. */
  prepare(change: Change<T>, again = false): PreparedChange {
    const base = this.loadFresh();
    if (base.unkept) {
      throw base.unkept;
    }
    const value = change(base.value, again);
    if (
      base.bytes &&
      base.version !== undefined &&
      base.version < this.version
    ) {
      // For who goes back to the version of the program that wrote it.
      this.keeper.keepAside(base.bytes, `version-${base.version}`);
    }
    const number = again ? this.written : this.written + 1;
    const next = { ...base, value, writers: this.signed(base, number) };
    const bytes = this.render(next);
    const file = prepareFile(this.path, bytes);
    return {
      stale: () => !isSame(bytesOf(this.path), base.bytes),
      abandon: () => file.abandon(),
      commit: () => {
        file.commit();
        this.written = number;
        this.saved(next, bytes);
        if (!again) {
          this.unsettled.push({ number, change, at: Date.now() });
          this.lookAgain();
        }
      }
    };
  }

  /** Opening a file asks a file server what is in it; a look from outside may be answered from memory. */
  private loadFresh(): State<T> {
    try {
      return this.load(signatureOf(this.path));
    } catch (error) {
      throw this.troubled(error);
    }
  }

  private load(seen: string | undefined): State<T> {
    const bytes = bytesOf(this.path);
    const { state } = this;
    if (state && !state.unkept && isSame(bytes, state.bytes)) {
      state.seen = seen;
      if (bytes) {
        this.untroubled();
      }
    } else if (state && !bytes) {
      // It was there. What we have is all that is left: it is written again with the next change.
      this.state = { ...state, bytes, seen };
      this.troubled(goneFailure(this.path));
    } else {
      this.take({ ...this.loader.load(bytes), bytes, seen });
      if (state) {
        this.emitSoon('changed');
      }
    }
    this.doAgainWhatWasUndone();
    return this.state as State<T>;
  }

  private take(loaded: State<T>): void {
    this.state = loaded;
    if (loaded.unkept) {
      this.troubled(loaded.unkept);
      return;
    }
    this.untroubled();
    if (loaded.repaired) {
      this.emitSoon('problems');
      this.saveRepaired(loaded);
    } else if (loaded.bytes) {
      this.keeper.keepLastGood(loaded.bytes);
    }
  }

  /** The damaged file is kept aside: now the repaired one may take its place, so that it is repaired only once. */
  private saveRepaired(loaded: State<T>): void {
    try {
      const bytes = this.render(loaded);
      prepareFile(this.path, bytes).commit();
      this.saved(loaded, bytes);
    } catch {
      // It is repaired in memory, and the next change writes it.
    }
  }

  private saved(value: State<T>, bytes: Buffer): void {
    const { version } = this;
    const seen = signatureOf(this.path);
    this.state = { ...value, bytes, seen, version, repaired: false };
    this.keeper.keepLastGood(bytes);
    this.untroubled();
  }

  /** Another host wrote at the same moment, from a content without our changes. */
  private doAgainWhatWasUndone(): void {
    const arrived = this.state?.writers.get(this.writer) ?? 0;
    const undone = this.unsettled.filter(({ number }) => number > arrived);
    if (undone.length === 0 || this.isDoingAgain) {
      return;
    }
    this.isDoingAgain = true;
    try {
      const all: Change<T> = (value, again) =>
        undone.reduce((result, { change }) => change(result, again), value);
      commitTogether([() => this.prepare(all, true)]);
    } catch (error) {
      this.troubled(error);
    } finally {
      this.isDoingAgain = false;
    }
  }

  private lookAgain(): void {
    for (const time of looksAgain) {
      setTimeout(() => {
        try {
          const { bytes, repaired } = this.loadFresh();
          if (bytes && !repaired) {
            // That of a host that was slower may lie over ours.
            this.keeper.keepLastGood(bytes);
          }
          const settled = Date.now() - (looksAgain.at(-1) ?? 0);
          this.unsettled = this.unsettled.filter(({ at }) => at > settled);
        } catch {
          // It is among the problems; the next look tries again.
        }
      }, time).unref();
    }
  }

  private signed({ writers }: Loaded<T>, number: number): Map<string, number> {
    const signed = new Map(writers);
    // The last one last: the others are forgotten one day.
    signed.delete(this.writer);
    return signed.set(this.writer, number);
  }

  private render({ writers, value }: State<T>): Buffer {
    const text = close(this.version, writers, this.kept(), value as object);
    return Buffer.from(text);
  }

  /** Problems whose damaged file was not deleted yet. */
  private kept() {
    return (this.state?.problems ?? []).filter(({ keptAs }) =>
      this.keeper.exists(keptAs)
    );
  }

  private troubled(error: unknown): ServiceError {
    const trouble =
      error instanceof ServiceError ? error : readFailure(this.path, error);
    if (this.trouble?.message !== trouble.message) {
      this.emitSoon('problems');
    }
    this.trouble = trouble;
    return trouble;
  }

  private untroubled(): void {
    if (this.trouble) {
      this.trouble = undefined;
      this.emitSoon('problems');
    }
  }

  /** Whoever reads is in the middle of something. */
  private emitSoon(event: keyof PreciousEvents): void {
    setImmediate(() => this.emit(event));
  }
}
