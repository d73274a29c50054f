import type { TranslationBundle } from '@jupyterlab/translation';
import type { Failure, Integration } from '@underpass/protocol';

/** How an integration stands, in words; `tone` colours them. */
export interface IStatus {
  tone: 'quiet' | 'good' | 'busy' | 'attention' | 'bad';
  text: string;
  /** What to show below: the reason and what to do. */
  failure: Failure | null;
  /** A host key waits for a person. */
  needsApproval: boolean;
  /** Trying again may help. */
  retry: boolean;
}

/** Where the way to an integration stands. */
export function statusOf(
  integration: Integration,
  trans: TranslationBundle
): IStatus {
  const { connected, forward, unusable, secretsFailure } = integration;
  const { secretsUnreadable = [] } = integration;
  if (unusable) {
    return {
      tone: 'bad',
      text: unusable.message,
      failure: unusable,
      needsApproval: false,
      retry: false
    };
  }
  if (secretsFailure) {
    // Why is said above the list, once.
    return {
      ...quiet(trans.__('Its secrets can not be read')),
      tone: 'attention'
    };
  }
  if (secretsUnreadable.length > 0) {
    return {
      ...quiet(
        trans.__(
          'Can not be decrypted and has to be entered again: %1',
          secretsUnreadable.join(', ')
        )
      ),
      tone: 'attention'
    };
  }
  if (!connected) {
    return quiet(trans.__('Not in this project'));
  }
  if (!forward) {
    return quiet(trans.__('No tunnel (direct)'));
  }
  const { state } = forward;
  switch (state.kind) {
    case 'idle':
      return quiet(trans.__('Ready'));
    case 'dialling':
      return { ...quiet(trans.__('Connecting…')), tone: 'busy' };
    case 'up':
      return {
        ...quiet(trans.__('Connected since %1', clock(state.since))),
        tone: 'good'
      };
    case 'waiting':
      return {
        tone: 'attention',
        text: trans.__('Waiting to retry: %1', state.cause.message),
        failure: state.cause,
        needsApproval: false,
        retry: true
      };
    case 'failed':
      return failed(state.cause, trans);
  }
}

function failed(cause: Failure, trans: TranslationBundle): IStatus {
  return cause.code === 'host-key-unknown'
    ? {
        tone: 'attention',
        text: trans.__('Needs approval'),
        failure: null,
        needsApproval: true,
        retry: false
      }
    : {
        tone: 'bad',
        text: trans.__('Failed: %1', cause.message),
        failure: cause,
        needsApproval: false,
        retry: true
      };
}

function quiet(text: string): IStatus {
  return {
    tone: 'quiet',
    text,
    failure: null,
    needsApproval: false,
    retry: false
  };
}

/** 10:12 today, with the day when it was another one. */
function clock(since: string): string {
  const time = new Date(since);
  const today = time.toDateString() === new Date().toDateString();
  return time.toLocaleString(undefined, {
    hour: '2-digit',
    minute: '2-digit',
    ...(today ? {} : { month: 'short', day: 'numeric' })
  });
}
