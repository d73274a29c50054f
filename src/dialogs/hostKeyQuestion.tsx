import type { TranslationBundle } from '@jupyterlab/translation';
import type { Failure, HostKeyPrompt } from '@underpass/protocol';
import * as React from 'react';

import { asFailure } from '../failures';
import { FailureNote } from '../failureNote';
import type { IIntegrationsModel } from '../tokens';
import type { IBastion } from './stages';

/**
 * The question about the host key of a bastion that something waits for, within a dialog: one of its own would only come up when
 * that is closed.
 */
export function HostKeyQuestion(props: {
  model: IIntegrationsModel;
  bastion: IBastion;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { model, bastion, trans } = props;
  const [failure, setFailure] = React.useState<Failure | null>(null);
  const question = React.useRef<HTMLDivElement>(null);
  const [prompt, setPrompt] = React.useState<HostKeyPrompt | null>(null);
  React.useEffect(() => {
    const look = () => {
      const found = model.listing?.prompts.find(
        ({ status, ...asked }) =>
          status === 'unknown' &&
          asked.host.toLowerCase() === bastion.host.toLowerCase() &&
          asked.port === bastion.port
      );
      setPrompt(found ?? null);
    };
    model.changed.connect(look);
    void model.refresh();
    return () => {
      model.changed.disconnect(look);
    };
  }, [model, bastion.host, bastion.port]);
  const isAsked = prompt !== null;
  React.useEffect(() => {
    // The stages of the test may fill the dialog.
    question.current?.scrollIntoView({ block: 'nearest' });
  }, [isAsked]);
  if (!prompt) {
    return null;
  }
  const answer = (send: () => Promise<unknown>) =>
    send()
      .catch(error => setFailure(asFailure(error, trans)))
      .finally(() => void model.refresh());
  const { host, port, keyType, fingerprint } = prompt;
  return (
    <div
      ref={question}
      role="group"
      aria-label={trans.__('Approve this host key?')}
    >
      <p>
        {trans.__(
          'This is the first connection to this SSH server. Compare the fingerprint with the one its owner gives you.'
        )}
      </p>
      <dl className="jp-Underpass-facts">
        <dt>{trans.__('Server')}</dt>
        <dd>{`${host}:${port}`}</dd>
        <dt>{trans.__('Key type')}</dt>
        <dd>{keyType}</dd>
        <dt>{trans.__('Fingerprint')}</dt>
        <dd>
          <code className="jp-Underpass-fingerprint">{fingerprint}</code>
        </dd>
      </dl>
      {failure && <FailureNote failure={failure} />}
      <p className="jp-Underpass-answers">
        <button
          type="button"
          className="jp-mod-styled jp-mod-warn"
          onClick={() =>
            answer(() =>
              model.request('underpass/prompts/reject', { id: prompt.id })
            )
          }
        >
          {trans.__('Reject')}
        </button>
        <button
          type="button"
          className="jp-mod-styled jp-mod-accept"
          onClick={() =>
            answer(() =>
              model.request('underpass/hostKeys/approve', {
                host,
                port,
                fingerprint
              })
            )
          }
        >
          {trans.__('Approve')}
        </button>
      </p>
    </div>
  );
}
