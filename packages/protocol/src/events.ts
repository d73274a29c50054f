/**
 * Notifications of the service. `underpass/changed` is a hint: state is fetched by request.
 */

export type Topic = 'integrations' | 'forwards' | 'prompts' | 'hostKeys';

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

export interface Notifications {
  'underpass/changed': Changed;
  'underpass/progress': Progress;
}

/** Notification parameters of the hint, also the payload on the Jupyter event bus. */
export const changedNotification = 'underpass/changed';
export const progressNotification = 'underpass/progress';
