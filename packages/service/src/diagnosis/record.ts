import {
  type Failure,
  type Json,
  type Stage,
  type StageResult,
  stages,
  type TestReport,
  type TestStage
} from '@underpass/protocol';

import { asFailure } from '../serviceError.js';

/** What is told of a stage, the id of its run apart. */
export type StageEvent = Omit<TestStage, 'run'>;

/** The report of one test as it grows. One stage at a time: the beginning of the next is the success of the last. */
export class Record {
  private readonly results: StageResult[] = [];
  private readonly skipped: TestReport['skipped'] = [];
  private current:
    { stage: Stage; began: number; message?: string } | undefined;
  private outcome: boolean | undefined;

  constructor(
    readonly run: string,
    private readonly tell: (event: StageEvent) => void
  ) {}

  begin(stage: Stage, message?: string): void {
    this.pass();
    this.current = { stage, began: performance.now() };
    this.found(message);
    this.tell({ stage, state: 'began', ...(message ? { message } : {}) });
  }

  /** The stage at work begins only now: what came before was preparation. */
  restart(): void {
    if (this.current) {
      this.current.began = performance.now();
    }
  }

  /** What the stage at work has found out. */
  found(message: string | undefined): void {
    if (this.current && message !== undefined && message !== '') {
      this.current.message = message;
    }
  }

  /** The stage at work has to wait for somebody. */
  waits(message: string): void {
    if (this.current) {
      this.current.message = message;
      this.tell({ stage: this.current.stage, state: 'began', message });
    }
  }

  /** The stage at work has passed; a time of `null` says that it is not known. */
  pass(milliseconds?: number | null, detail?: { [key: string]: Json }): void {
    const { current } = this;
    if (!current) {
      return;
    }
    const time = milliseconds === undefined ? this.elapsed() : milliseconds;
    const told = {
      stage: current.stage,
      ...(time === null ? {} : { milliseconds: time }),
      ...(current.message === undefined ? {} : { message: current.message })
    };
    this.current = undefined;
    this.results.push({ ...told, ok: true, ...(detail ? { detail } : {}) });
    this.tell({ ...told, state: 'passed' });
  }

  /** @param reason why what comes behind `last` is not run: a sentence */
  skipBehind(last: Stage, reason: string): void {
    for (const stage of stages.slice(position(last) + 1)) {
      this.skip(stage, reason);
    }
  }

  skip(stage: Stage, reason: string): void {
    if (!this.skipped.some(other => other.stage === stage)) {
      this.skipped.push({ stage, reason });
    }
  }

  succeeded(): void {
    this.pass();
    this.outcome = true;
  }

  failed(error: unknown, milliseconds?: number): void {
    const failure: Failure = asFailure(error);
    const stage = this.current?.stage ?? failure.stage;
    const time = milliseconds ?? this.elapsed();
    this.current = undefined;
    this.results.push({ stage, ok: false, milliseconds: time, failure });
    this.tell({ stage, state: 'failed', milliseconds: time, failure });
    this.outcome = false;
  }

  /** Of the stage at work, else of the last one. */
  get stage(): Stage | undefined {
    return this.current?.stage ?? this.results.at(-1)?.stage;
  }

  /** The stage at work. */
  get atWork(): Stage | undefined {
    return this.current?.stage;
  }

  get running(): boolean {
    return this.outcome === undefined;
  }

  report(): TestReport {
    const { current, outcome } = this;
    return {
      run: this.run,
      running: outcome === undefined,
      ...(outcome === undefined ? {} : { ok: outcome }),
      stages: [...this.results],
      ...(current
        ? {
            current: {
              stage: current.stage,
              ...(current.message === undefined
                ? {}
                : { message: current.message })
            }
          }
        : {}),
      skipped: [...this.skipped].sort(
        (a, b) => position(a.stage) - position(b.stage)
      )
    };
  }

  private elapsed(): number {
    return this.current
      ? Math.round((performance.now() - this.current.began) * 10) / 10
      : 0;
  }
}

/** In the order in which stages run; -1 for what comes before them all. */
export function position(stage: Stage): number {
  return stages.indexOf(stage as (typeof stages)[number]);
}
