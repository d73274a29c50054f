import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { HostKeyPrompt } from '@underpass/protocol';
import * as React from 'react';

/**
 * Asks about one host key. Its result's button has the action `approve` or `reject` when the person said so; a changed
 * key can not be answered here, and none by a person who may not.
 */
export class HostKeyDialog extends Dialog<void> {
  constructor(
    prompt: HostKeyPrompt,
    mayAnswer: boolean,
    trans: TranslationBundle
  ) {
    const changed = prompt.status === 'changed';
    super({
      title: changed
        ? trans.__('The host key has changed')
        : mayAnswer
          ? trans.__('Approve this host key?')
          : trans.__('A host key waits for approval'),
      body: <Question prompt={prompt} mayAnswer={mayAnswer} trans={trans} />,
      buttons:
        changed || !mayAnswer
          ? [Dialog.cancelButton({ label: trans.__('Close') })]
          : [
              Dialog.cancelButton({ label: trans.__('Later') }),
              Dialog.warnButton({
                label: trans.__('Reject'),
                actions: ['reject']
              }),
              Dialog.okButton({
                label: trans.__('Approve'),
                actions: ['approve']
              })
            ],
      // Enter must not answer what nobody has read; it may have been meant for the cell below.
      defaultButton: 0
    });
    this.addClass('jp-Underpass-dialog');
  }
}

function Question(props: {
  prompt: HostKeyPrompt;
  mayAnswer: boolean;
  trans: TranslationBundle;
}): JSX.Element {
  const { prompt, mayAnswer, trans } = props;
  const where = `${prompt.host}:${prompt.port}`;
  return (
    <div className="jp-Underpass-dialogBody">
      {prompt.status === 'changed' ? (
        <div className="jp-Underpass-failure" role="alert">
          <strong>
            {trans.__(
              '%1 shows another key than the one that was approved. Somebody may be listening in.',
              where
            )}
          </strong>
          <span>
            {trans.__(
              'Ask the owner of the server whether the key was replaced. Only if so, remove the old key in a terminal and connect again:'
            )}
          </span>
          <code>{`underpass hostkey remove ${where}`}</code>
        </div>
      ) : (
        <p>
          {mayAnswer
            ? trans.__(
                'This is the first connection to this SSH server. Compare the fingerprint with the one its owner gives you.'
              )
            : trans.__(
                'This is the first connection to this SSH server. You may not approve host keys on this Jupyter server: ask its owner to.'
              )}
        </p>
      )}
      <dl className="jp-Underpass-facts">
        <dt>{trans.__('Server')}</dt>
        <dd>{where}</dd>
        <dt>{trans.__('Key type')}</dt>
        <dd>{prompt.keyType}</dd>
        <dt>{trans.__('Fingerprint')}</dt>
        <dd>
          <code className="jp-Underpass-fingerprint">{prompt.fingerprint}</code>
        </dd>
        {prompt.integrations.length > 0 && (
          <>
            <dt>{trans.__('Waiting')}</dt>
            <dd>{prompt.integrations.join(', ')}</dd>
          </>
        )}
      </dl>
    </div>
  );
}
