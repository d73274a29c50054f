/**
 * "Test connection": what it has found out, while it runs and afterwards.
 */
import type { Failure, Json, Stage } from './failure.js';

export type StageResult =
  | {
      stage: Stage;
      ok: true;
      /** Absent where the driver does not tell this stage from the next one, whose time holds both. */
      milliseconds?: number;
      /** What was found out, one sentence. */
      message?: string;
      detail?: { [key: string]: Json };
    }
  | { stage: Stage; ok: false; milliseconds: number; failure: Failure };

export interface TestReport {
  /** Its id, for `underpass/tests/get`. */
  run: string;
  running: boolean;
  /** Absent while it runs. */
  ok?: boolean;
  /** Stages in the order they ran; the last one is the failing one where `ok` is false. */
  stages: StageResult[];
  /** The stage that is at work. */
  current?: { stage: Stage; message?: string };
  /** Stages that were not run, and why: one sentence. Complete once the test has ended. */
  skipped: { stage: Stage; reason: string }[];
}
