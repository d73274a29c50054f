import type { TranslationBundle } from '@jupyterlab/translation';
import type { Integration } from '@underpass/protocol';

import type { IStatus } from '../sidebar/status';
import { statusOf } from '../sidebar/status';
import { isDataFrames } from './names';
import type { IRun } from './run';
import type { Execution } from './runClock';

/** What is known of an SQL cell. */
export interface ICellFacts {
  /** As the first line names it; '' where it does not. */
  name: string;
  integration: Integration | undefined;
  /** The service has said which integrations there are. */
  isListed: boolean;
  execution: Execution;
  run: IRun | null;
}

/** How an SQL cell stands: what it does, else what it last did, else whether its way is open. */
export function cellStatus(
  facts: ICellFacts,
  trans: TranslationBundle,
  now: number = Date.now()
): IStatus {
  const way = wayStatus(facts, trans);
  if (way.needsApproval) {
    return way;
  }
  const { execution, run } = facts;
  if (execution.kind !== 'idle') {
    return say('busy', runningText(execution, run, trans, now));
  }
  if (run?.state === 'failed') {
    return say('bad', trans.__('Failed'));
  }
  // Of now, unlike what the last run was.
  if (way.tone === 'bad' || way.tone === 'attention') {
    return way;
  }
  if (run?.state === 'stopped') {
    return say('quiet', trans.__('Stopped'));
  }
  return run?.state === 'done' ? say('good', doneText(run, trans)) : way;
}

function wayStatus(
  { name, integration, isListed }: ICellFacts,
  trans: TranslationBundle
): IStatus {
  if (isDataFrames(name)) {
    return say('quiet', trans.__('In this kernel'));
  }
  if (integration) {
    return statusOf(integration, trans);
  }
  return name !== '' && isListed
    ? say('attention', trans.__('Unknown integration'))
    : say('quiet', '');
}

function runningText(
  execution: Execution,
  run: IRun | null,
  trans: TranslationBundle,
  now: number
): string {
  if (execution.kind === 'queued') {
    return trans.__('Waiting for the kernel…');
  }
  const seconds =
    execution.kind === 'running'
      ? Math.floor((now - execution.since) / 1000)
      : null;
  const time = seconds ? duration(seconds, trans) : '';
  if (run?.state === 'waiting' && run.text) {
    return [firstLineOf(run.text), time].filter(Boolean).join(' · ');
  }
  if (run?.state === 'fetching') {
    const rows = run.fetchedRows ?? 0;
    const text = trans._n(
      'Fetching: %2 row',
      'Fetching: %2 rows',
      rows,
      rows.toLocaleString('en')
    );
    return [text, time].filter(Boolean).join(' · ');
  }
  return time ? trans.__('Running… %1', time) : trans.__('Running…');
}

function doneText(run: IRun, trans: TranslationBundle): string {
  const { rows, columns, seconds, tunnelled } = run;
  const parts: string[] = [];
  if (rows !== undefined && columns !== undefined) {
    parts.push(
      trans.__(
        '%1 × %2',
        trans._n('%2 row', '%2 rows', rows, rows.toLocaleString('en')),
        trans._n(
          '%2 column',
          '%2 columns',
          columns,
          columns.toLocaleString('en')
        )
      )
    );
  } else {
    parts.push(trans.__('Done'));
  }
  if (seconds !== undefined) {
    parts.push(duration(seconds, trans));
  }
  if (tunnelled) {
    parts.push(trans.__('via tunnel'));
  }
  return parts.join(' · ');
}

/** 0.42 s, 12 s, 3 min 5 s. */
function duration(seconds: number, trans: TranslationBundle): string {
  if (seconds < 60) {
    const digits = Number.isInteger(seconds) || seconds >= 10 ? 0 : 2;
    return trans.__('%1 s', seconds.toFixed(digits));
  }
  const whole = Math.round(seconds);
  return trans.__('%1 min %2 s', Math.floor(whole / 60), whole % 60);
}

function firstLineOf(text: string): string {
  return text.split('\n', 1)[0];
}

function say(tone: IStatus['tone'], text: string): IStatus {
  return { tone, text, failure: null, needsApproval: false, retry: false };
}
