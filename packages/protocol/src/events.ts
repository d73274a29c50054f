/**
 * Notifications of the service. `underpass/changed` is a hint: state is fetched by request.
 */

import type { Failure, Stage } from './failure.js';

export type Topic =
  | 'integrations'
  | 'forwards'
  | 'prompts'
  | 'hostKeys'
  | 'policy'
  | 'tests'
  | 'workspace';

export interface Changed {
  topic: Topic;
  /** Id of what changed, where one thing did. */
  id: string;
  /** Grows by one with every change of the topic. */
  revision: number;
}

/** Sent to the client whose request is being worked on. */
export interface Progress {
  request: string;
  message: string;
}

/** A stage of a test began, passed or failed. Sent to the client that asked for the test. */
export interface TestStage {
  run: string;
  stage: Stage;
  state: 'began' | 'passed' | 'failed';
  /** Absent where the stage has just begun, and where the driver does not tell it from the next one. */
  milliseconds?: number;
  /** What the stage waits for or found out, one sentence. */
  message?: string;
  failure?: Failure;
}

export interface Notifications {
  'underpass/changed': Changed;
  'underpass/progress': Progress;
  'underpass/testStage': TestStage;
}

/** Notification parameters of the hint, also the payload on the Jupyter event bus. */
export const changedNotification = 'underpass/changed';
export const progressNotification = 'underpass/progress';
export const testStageNotification = 'underpass/testStage';

/** The service says it to its clients right before it ends in order; one that was killed says nothing. */
export const endingNotification = 'underpass/ending';

export interface Ending {
  /** `stopped`: a person or the system wants it so. `failed`: another one may be used, or started. */
  reason: 'stopped' | 'failed';
}
