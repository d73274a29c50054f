import type { Entry } from './catalogReader.js';

/** Milliseconds for which an answer of the catalog is good, at least. */
const fresh = 60_000;
/** An answer that took long is good for so many times as long: a large catalog is not read again and again. */
const perDuration = 50;

export interface Fact {
  entries: readonly Entry[];
  /** There is more than was read. */
  isPartial: boolean;
  /** Of the answer, by `performance.now()`. */
  at: number;
  took: number;
}

/** What is known of a catalog; what nobody asked for lately goes first when it is too much. */
export class Facts {
  private readonly facts = new Map<string, Fact>();
  private count = 0;

  /** @param most entries to keep */
  constructor(private readonly most: number) {}

  get(key: string): Fact | undefined {
    const fact = this.facts.get(key);
    if (fact) {
      this.facts.delete(key);
      this.facts.set(key, fact);
    }
    return fact;
  }

  set(key: string, fact: Fact): void {
    this.count += fact.entries.length + 1 - this.size(key);
    this.facts.delete(key);
    this.facts.set(key, fact);
    for (const oldest of this.facts.keys()) {
      if (this.count <= this.most || oldest === key) {
        return;
      }
      this.count -= this.size(oldest);
      this.facts.delete(oldest);
    }
  }

  private size(key: string): number {
    const fact = this.facts.get(key);
    return fact ? fact.entries.length + 1 : 0;
  }
}

export function isOld({ at, took }: Fact): boolean {
  return performance.now() - at > Math.max(fresh, took * perDuration);
}
