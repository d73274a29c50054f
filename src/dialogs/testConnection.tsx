import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type {
  Failure,
  Integration,
  Stage,
  TestReport
} from '@underpass/protocol';
import * as React from 'react';

import { asFailure } from '../failures';
import { FailureNote } from '../failureNote';
import type { IIntegrationsModel } from '../tokens';

/** Tests one integration and shows how far it came. */
export class TestDialog extends Dialog<void> {
  constructor(
    model: IIntegrationsModel,
    integration: Integration,
    trans: TranslationBundle
  ) {
    super({
      title: trans.__('Test connection: %1', integration.name),
      body: ReactWidget.create(
        <Test model={model} integration={integration} trans={trans} />
      ),
      buttons: [Dialog.okButton({ label: trans.__('Close') })]
    });
    this.addClass('jp-Underpass-dialog');
  }
}

type Progress =
  | { kind: 'running' }
  | { kind: 'done'; report: TestReport }
  | { kind: 'refused'; failure: Failure };

function Test(props: {
  model: IIntegrationsModel;
  integration: Integration;
  trans: TranslationBundle;
}): JSX.Element {
  const { model, integration, trans } = props;
  const [progress, setProgress] = React.useState<Progress>({ kind: 'running' });
  React.useEffect(() => {
    let shown = true;
    const show = (next: Progress) => shown && setProgress(next);
    model
      .request('underpass/integrations/test', { integration: integration.id })
      .then(report => show({ kind: 'done', report }))
      .catch(error =>
        show({ kind: 'refused', failure: asFailure(error, trans) })
      );
    return () => {
      shown = false;
    };
  }, [model, integration.id, trans]);
  return (
    <div className="jp-Underpass-dialogBody" aria-live="polite">
      {progress.kind === 'running' && (
        <p className="jp-Underpass-running">{trans.__('Testing…')}</p>
      )}
      {progress.kind === 'refused' && (
        <FailureNote failure={progress.failure} />
      )}
      {progress.kind === 'done' && (
        <Report report={progress.report} trans={trans} />
      )}
    </div>
  );
}

function Report(props: {
  report: TestReport;
  trans: TranslationBundle;
}): JSX.Element {
  const { report, trans } = props;
  const last = report.stages[report.stages.length - 1];
  return (
    <>
      <ol className="jp-Underpass-stages">
        {report.stages.map(({ stage, ok, milliseconds }) => (
          <li key={stage} data-ok={ok}>
            <span aria-hidden="true">{ok ? '✓' : '✗'}</span>
            <span>{stageLabel(stage, trans)}</span>
            <span className="jp-Underpass-visuallyHidden">
              {ok ? trans.__('passed') : trans.__('failed')}
            </span>
            <span className="jp-Underpass-milliseconds">
              {trans.__('%1 ms', milliseconds.toFixed(1))}
            </span>
          </li>
        ))}
      </ol>
      {report.ok && (
        <p className="jp-Underpass-passed">
          <strong>{trans.__('The server can be reached.')}</strong>{' '}
          {!report.stages.some(({ stage }) => stage === 'login') &&
            trans.__('User and password are checked when a cell runs.')}
        </p>
      )}
      {last && !last.ok && <FailureNote failure={last.failure} />}
    </>
  );
}

function stageLabel(stage: Stage, trans: TranslationBundle): string {
  switch (stage) {
    case 'resolve':
      return trans.__('Find the address of the server');
    case 'tcp':
      return trans.__('Connect to it');
    case 'ssh-handshake':
      return trans.__('Agree on encryption with the bastion');
    case 'host-key':
      return trans.__('Check the host key');
    case 'auth':
      return trans.__('Log in to the bastion');
    case 'forward':
      return trans.__('Reach the service behind the bastion');
    case 'tls':
      return trans.__('Check TLS');
    case 'login':
      return trans.__('Log in to the database');
    case 'query':
      return trans.__('Run a query');
    case 'request':
      return trans.__('Prepare');
  }
}
