import { EventEmitter, once } from 'node:events';

import type { Failure } from '@underpass/protocol';

import { asFailure } from '../serviceError.js';
import type { CatalogReader, Entry, Question } from './catalogReader.js';
import { Facts, isOld } from './facts.js';

/** Entries of one answer: `PAGE` of the connectors. */
const page = 1000;
/** Tables of a schema that are kept; of larger ones, those with a prefix are asked for. */
const mostTables = 20_000;
/** Entries of one catalog. */
const mostEntries = 60_000;
/** Milliseconds without a question after which the connection is given up. */
const rest = 60_000;

/** Opens a reader; undefined where that would ask a person something, or repeat what needs one. */
export type OpenReader = () => Promise<CatalogReader | undefined>;

interface Job {
  key: string;
  question: Question;
  /** Entries of earlier pages. */
  before: readonly Entry[];
  began: number;
}

interface CatalogEvents {
  /** Something is known that was not, or nothing will be for a while. */
  news: [];
  opened: [];
  closed: [];
  failed: [Failure];
}

/**
 * What is known of one integration's catalog. Looking never waits: what is missing or old is read in the background,
 * one question after the other on one connection, which ends when nobody has asked for a while.
 */
export class Catalog extends EventEmitter<CatalogEvents> {
  private readonly facts = new Facts(mostEntries);
  private readonly jobs: Job[] = [];
  private reader: CatalogReader | undefined;
  private open: OpenReader | undefined;
  private working = false;
  private closed = false;
  private resting: NodeJS.Timeout | undefined;
  /** By `performance.now()`. */
  private pausedUntil = 0;

  /** When it was asked last, by `performance.now()`. */
  asked = performance.now();

  constructor() {
    super();
    // Every request that waits listens.
    this.setMaxListeners(0);
  }

  get isOpen(): boolean {
    return this.reader !== undefined;
  }

  /** Read from now on with this, if it is given. */
  use(open: OpenReader | undefined): void {
    this.asked = performance.now();
    this.open = open ?? this.open;
  }

  /** @returns undefined if nothing is known */
  look(
    key: string,
    question: Question
  ): { entries: readonly Entry[]; isPartial: boolean } | undefined {
    const fact = this.facts.get(key);
    if (!fact || isOld(fact)) {
      this.want(key, question);
    }
    return fact;
  }

  /** Whether an answer to this is on its way. */
  isReading(key: string): boolean {
    return this.jobs.some(job => job.key === key);
  }

  /** Wait for news, at most so many milliseconds. */
  async news(milliseconds: number, signal: AbortSignal): Promise<void> {
    const limit = new AbortController();
    const stop = () => limit.abort();
    const timer = setTimeout(stop, milliseconds);
    signal.addEventListener('abort', stop, { once: true });
    await once(this, 'news', { signal: limit.signal }).catch(() => undefined);
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }

  /** Give the connection up until somebody asks again. */
  rest(): void {
    clearTimeout(this.resting);
    if (this.reader) {
      this.reader.close();
      this.reader = undefined;
      this.emit('closed');
    }
  }

  close(): void {
    this.closed = true;
    this.jobs.length = 0;
    this.rest();
    this.emit('news');
  }

  private want(key: string, question: Question): void {
    if (
      !this.open ||
      this.closed ||
      this.isReading(key) ||
      performance.now() < this.pausedUntil
    ) {
      return;
    }
    this.jobs.push({ key, question, before: [], began: performance.now() });
    void this.work();
  }

  private async work(): Promise<void> {
    if (this.working) {
      return;
    }
    this.working = true;
    clearTimeout(this.resting);
    try {
      while (this.jobs.length > 0) {
        await this.step();
      }
    } catch (error) {
      this.failed(asFailure(error));
    } finally {
      this.working = false;
    }
    if (this.reader) {
      this.resting = setTimeout(() => this.rest(), rest);
      this.resting.unref();
    }
  }

  private async step(): Promise<void> {
    const reader = (this.reader ??= await this.opened());
    const job = this.jobs[0];
    if (!reader || !job) {
      this.giveUp(2_000);
      return;
    }
    let entries: readonly Entry[] = [];
    try {
      entries = await reader.ask(job.question);
    } catch (error) {
      const failure = asFailure(error);
      if (failure.code !== 'query-failed') {
        throw error;
      }
      // No right to see it, say: the next question may have an answer.
      this.emit('failed', failure);
    }
    this.answered(job, entries);
  }

  private async opened(): Promise<CatalogReader | undefined> {
    const reader = await this.open?.();
    if (this.closed) {
      reader?.close();
      return undefined;
    }
    if (reader) {
      this.emit('opened');
    }
    return reader;
  }

  private answered(job: Job, entries: readonly Entry[]): void {
    // What came meanwhile is first: somebody waits for it, and for a further page rather not.
    this.jobs.splice(this.jobs.indexOf(job), 1);
    const all = [...job.before, ...entries];
    const last = entries.at(-1);
    const hasMore = 'after' in job.question && entries.length >= page;
    const goesOn =
      hasMore &&
      last !== undefined &&
      all.length < mostTables &&
      !isSearch(job);
    const known = this.facts.get(job.key);
    if (!goesOn || !known || known.isPartial) {
      this.facts.set(job.key, {
        entries: all,
        isPartial: hasMore,
        at: goesOn ? -Infinity : performance.now(),
        took: performance.now() - job.began
      });
    }
    if (goesOn && 'after' in job.question) {
      const question = { ...job.question, after: nameOf(last) };
      this.jobs.push({ ...job, question, before: all });
    }
    this.emit('news');
  }

  private failed(failure: Failure): void {
    this.rest();
    this.emit('failed', failure);
    this.giveUp(pauseAfter(failure));
  }

  private giveUp(milliseconds: number): void {
    this.jobs.length = 0;
    this.pausedUntil = performance.now() + milliseconds;
    this.emit('news');
  }
}

export function nameOf(entry: Entry): string {
  return typeof entry === 'string' ? entry : entry[0];
}

/** A question for names with a prefix is not followed by another. */
const isSearch = ({ key }: Job) => key.startsWith('search ');

/** A login that failed is not repeated for the sake of a word: accounts get locked. Changing anything forgets it. */
function pauseAfter({ stage, code }: Failure): number {
  if (stage === 'login' && code !== 'login-timed-out') {
    return Infinity;
  }
  return stage === 'tls' ? 300_000 : 30_000;
}
