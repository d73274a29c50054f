import type { TranslationBundle } from '@jupyterlab/translation';
import type {
  Failure,
  Stage,
  StageResult,
  TestReport
} from '@underpass/protocol';
import * as React from 'react';

import { FailureNote } from '../failureNote';
import type { IIntegrationsModel } from '../tokens';
import { CopyText } from './copyText';
import { HostKeyQuestion } from './hostKeyQuestion';
import type { IBastion } from './stages';
import { stageLabel } from './stages';
import type { ITestProgress } from './testRun';
import { TestRun } from './testRun';

export interface ITestViewProps {
  model: IIntegrationsModel;
  /** Sends the request for the test, which gets this id. The first one that is given is sent, once. */
  start: (run: string) => Promise<TestReport>;
  /** Those that the test has, in order. */
  stages: readonly Stage[];
  /** Whose host key may be asked about. */
  bastion: IBastion | null;
  /** Called with why there is no report; true if that is shown elsewhere. */
  onFailure?: (failure: Failure) => boolean;
  trans: TranslationBundle;
}

/** A test while it runs, and what it has found. It ends with this. */
export function TestView(props: ITestViewProps): JSX.Element | null {
  const { model, stages, bastion, trans } = props;
  const [progress, setProgress] = React.useState<ITestProgress>({
    report: null,
    failure: null
  });
  const [run, setRun] = React.useState<TestRun | null>(null);
  const { start, onFailure } = React.useRef(props).current;
  React.useEffect(() => {
    const started = new TestRun(model, start, trans);
    started.changed.connect((_, next) => {
      if (!next.failure || !onFailure?.(next.failure)) {
        setProgress(next);
      }
    });
    setRun(started);
    return () => started.dispose();
  }, [model, start, onFailure, trans]);
  const { report, failure } = progress;
  const isRunning = !failure && (report?.running ?? true);
  const failed = report?.stages.find(
    (result): result is Extract<StageResult, { ok: false }> => !result.ok
  );
  const end = React.useRef<HTMLDivElement>(null);
  const isOver = !isRunning;
  React.useEffect(() => {
    if (isOver) {
      end.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [isOver]);
  return (
    <>
      <div aria-live="polite">
        <Stages
          report={report}
          stages={stages}
          isRunning={isRunning}
          trans={trans}
        />
        {isRunning && (
          <p className="jp-Underpass-running">{trans.__('Testing…')}</p>
        )}
        {report?.ok && <Passed report={report} trans={trans} />}
      </div>
      {isRunning && bastion && report?.current?.stage === 'host-key' && (
        <HostKeyQuestion model={model} bastion={bastion} trans={trans} />
      )}
      {failed && <Trouble failure={failed.failure} trans={trans} />}
      {failure && <FailureNote failure={failure} />}
      {report && <Skipped report={report} trans={trans} />}
      {isRunning && (
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject"
          onClick={() => run?.cancel()}
        >
          {trans.__('Cancel the test')}
        </button>
      )}
      <div ref={end} />
    </>
  );
}

function Stages(props: {
  report: TestReport | null;
  stages: readonly Stage[];
  isRunning: boolean;
  trans: TranslationBundle;
}): JSX.Element {
  const { report, stages, isRunning, trans } = props;
  const results = new Map(
    (report?.stages ?? []).map(result => [result.stage, result])
  );
  // Before all stages: what was asked for can not be tested at all.
  const shown = results.has('request')
    ? (['request', ...stages] as const)
    : stages;
  return (
    <ol className="jp-Underpass-stages">
      {shown.map(stage => {
        const result = results.get(stage);
        const isCurrent = isRunning && report?.current?.stage === stage;
        const found = result?.ok
          ? result.message
          : isCurrent
            ? report?.current?.message
            : undefined;
        const state = result
          ? result.ok
            ? 'passed'
            : 'failed'
          : isCurrent
            ? 'running'
            : 'waiting';
        return (
          <li key={stage} data-state={state}>
            <span aria-hidden="true">{signs[state]}</span>
            <span className="jp-Underpass-stage">
              <span>{stageLabel(stage, trans)}</span>
              <span className="jp-Underpass-visuallyHidden">
                {stateLabel(state, trans)}
              </span>
              {found !== undefined && (
                <span className="jp-Underpass-found">{found}</span>
              )}
            </span>
            {result?.milliseconds !== undefined && (
              <span className="jp-Underpass-milliseconds">
                {trans.__('%1 ms', result.milliseconds.toFixed(1))}
              </span>
            )}
          </li>
        );
      })}
    </ol>
  );
}

type State = 'passed' | 'failed' | 'running' | 'waiting';

const signs: { [state in State]: string } = {
  passed: '✓',
  failed: '✗',
  running: '…',
  waiting: '·'
};

function stateLabel(state: State, trans: TranslationBundle): string {
  switch (state) {
    case 'passed':
      return trans.__('passed');
    case 'failed':
      return trans.__('failed');
    case 'running':
      return trans.__('running');
    case 'waiting':
      return trans.__('not run');
  }
}

function Passed(props: {
  report: TestReport;
  trans: TranslationBundle;
}): JSX.Element {
  const { report, trans } = props;
  const answered = report.stages.some(({ stage }) => stage === 'query');
  return (
    <p className="jp-Underpass-passed">
      <strong>
        {answered
          ? trans.__('The connection works.')
          : trans.__('The server can be reached.')}
      </strong>
    </p>
  );
}

/** What went wrong, what to do, and what of that can be copied. */
function Trouble(props: {
  failure: Failure;
  trans: TranslationBundle;
}): JSX.Element {
  const { failure, trans } = props;
  const { command, publicKey } = failure.detail ?? {};
  return (
    <>
      <FailureNote failure={failure} />
      {typeof publicKey === 'string' && (
        <CopyText
          className="jp-Underpass-publicKey"
          text={publicKey}
          label={trans.__('public key')}
          trans={trans}
        />
      )}
      {typeof command === 'string' && (
        <CopyText
          className="jp-Underpass-publicKey"
          text={command}
          label={trans.__('command')}
          trans={trans}
        />
      )}
    </>
  );
}

/** What was not run, and why; what only comes behind a failure needs no words. */
function Skipped(props: {
  report: TestReport;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { report, trans } = props;
  if (report.running || !report.ok || report.skipped.length === 0) {
    return null;
  }
  const reasons = new Map<string, string[]>();
  for (const { stage, reason } of report.skipped) {
    const labels = reasons.get(reason) ?? [];
    reasons.set(reason, [...labels, stageLabel(stage, trans)]);
  }
  return (
    <>
      {[...reasons].map(([reason, labels]) => (
        <p key={reason} className="jp-Underpass-skipped">
          {trans.__('Not run: %1. %2', labels.join(', '), reason)}
        </p>
      ))}
    </>
  );
}
