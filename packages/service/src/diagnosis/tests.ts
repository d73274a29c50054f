import { randomUUID } from 'node:crypto';

import type { TestReport, TestStage } from '@underpass/protocol';

import { fail } from '../serviceError.js';
import { Record } from './record.js';

/** Tests that run side by side: each is a login at a bastion and a process. */
const most = 4;
/** Milliseconds that the report of a test is kept after its end, and how many of them. */
const kept = 5 * 60_000;
const mostKept = 50;

interface Run {
  record: Record;
  stop: AbortController;
}

/** The tests that run, and the reports of those that did. Gone with the service. */
export class Tests {
  private readonly runs = new Map<string, Run>();

  /** @param changed called whenever the report of a run is another one */
  constructor(private readonly changed: (run: string) => void) {}

  /**
   * Run a test to its end, whatever that is.
   * @param wanted id that the client chose
   * @param signal the client does not want it any more
   * @throws ServiceError `tests-busy`; what a test finds out is in its report
   */
  async run(
    wanted: string | undefined,
    signal: AbortSignal,
    tell: (stage: TestStage) => void,
    walk: (record: Record, signal: AbortSignal) => Promise<void>
  ): Promise<TestReport> {
    const run = wanted ?? randomUUID();
    if (this.runs.has(run)) {
      throw fail(
        'invalid-request',
        'request',
        'There is a test with this id already.',
        'Give each test an id of its own.',
        { field: 'run' }
      );
    }
    const running = [...this.runs.values()].filter(
      ({ record }) => record.running
    ).length;
    if (running >= most) {
      throw fail(
        'tests-busy',
        'request',
        `${running} tests run already.`,
        'Wait until one of them has ended, then try again.'
      );
    }
    const stop = new AbortController();
    const record = new Record(run, event => {
      tell({ run, ...event });
      this.changed(run);
    });
    this.runs.set(run, { record, stop });
    try {
      await walk(record, AbortSignal.any([signal, stop.signal]));
      record.succeeded();
    } catch (error) {
      const last = record.stage;
      record.failed(error);
      record.skipBehind(
        record.stage ?? last ?? 'resolve',
        'A stage before this one failed.'
      );
    }
    this.changed(run);
    setTimeout(() => this.runs.delete(run), kept).unref();
    this.forgetOldest();
    return record.report();
  }

  /** @throws ServiceError `unknown-run` */
  get(run: string): TestReport {
    return this.find(run).record.report();
  }

  /** Ends in a report as any failure does. */
  cancel(run: string): void {
    this.find(run).stop.abort();
  }

  /** End them all: the service ends. */
  close(): void {
    this.runs.forEach(({ stop }) => stop.abort());
  }

  private find(run: string): Run {
    const found = this.runs.get(run);
    if (!found) {
      throw fail(
        'unknown-run',
        'request',
        'This test is not known: it ended some minutes ago, or the service was started anew.',
        'Run the test again.'
      );
    }
    return found;
  }

  private forgetOldest(): void {
    for (const [run, { record }] of this.runs) {
      if (this.runs.size <= mostKept) {
        return;
      }
      if (!record.running) {
        this.runs.delete(run);
      }
    }
  }
}
