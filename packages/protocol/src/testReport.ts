/**
 * The result of "Test connection".
 */
import type { Failure, Stage } from './failure.js';

export type StageResult =
  | { stage: Stage; ok: true; milliseconds: number }
  | { stage: Stage; ok: false; milliseconds: number; failure: Failure };

/** Stages in the order they ran; the last one is the failing one where `ok` is false. */
export interface TestReport {
  ok: boolean;
  stages: StageResult[];
}
