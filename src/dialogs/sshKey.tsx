import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type {
  Failure,
  VaultStatus,
  WorkspaceKeyDescription
} from '@underpass/protocol';
import * as React from 'react';

import { FailureNote } from '../failureNote';
import { asFailure } from '../failures';
import type { IIntegrationsModel } from '../tokens';
import { CopyText } from './copyText';
import { KeyBastionSection } from './keyBastion';
import { KeyRotation } from './keyRotation';

/** The public half of the workspace's key, ready for each bastion, and its rotation. */
export class SshKeyDialog extends Dialog<void> {
  constructor(model: IIntegrationsModel, trans: TranslationBundle) {
    super({
      title: trans.__('Workspace SSH key'),
      body: ReactWidget.create(<SshKey model={model} trans={trans} />),
      buttons: [Dialog.okButton({ label: trans.__('Close') })]
    });
    this.addClass('jp-Underpass-dialog');
  }

  /** Enter belongs to what has the focus, if that is something to press. */
  protected override _evtKeydown(event: KeyboardEvent): void {
    const active = document.activeElement;
    const isOwn =
      event.key === 'Enter' &&
      active !== null &&
      this.node.contains(active) &&
      active.matches('summary, button:not(.jp-Dialog-button)');
    if (!isOwn) {
      super._evtKeydown(event);
    }
  }
}

interface ISshKeyProps {
  model: IIntegrationsModel;
  trans: TranslationBundle;
}

function SshKey({ model, trans }: ISshKeyProps): JSX.Element {
  const [key, setKey] = React.useState<WorkspaceKeyDescription | null>(null);
  const [vault, setVault] = React.useState<VaultStatus | null>(null);
  const [failure, setFailure] = React.useState<Failure | null>(null);
  const run = React.useCallback(
    async (work: () => Promise<void>) => {
      try {
        await work();
        setFailure(null);
      } catch (error) {
        setFailure(asFailure(error, trans));
      }
    },
    [trans]
  );
  React.useEffect(() => {
    // A login at a bastion changes what is shown, and so does an integration.
    const fetch = () => {
      void run(async () =>
        setKey(await model.request('underpass/key/show', {}))
      );
    };
    fetch();
    void run(async () =>
      setVault(await model.request('underpass/vault/status', {}))
    );
    model.changed.connect(fetch);
    return () => {
      model.changed.disconnect(fetch);
    };
  }, [model, run]);
  const rotate = (finish: boolean) =>
    run(async () =>
      setKey(await model.request('underpass/key/rotate', { finish }))
    );

  return (
    <div className="jp-Underpass-dialogBody jp-Underpass-sshKey">
      {failure && <FailureNote failure={failure} />}
      {!key && !failure && trans.__('Loading…')}
      {key && (
        <Key
          shown={key}
          trans={trans}
          onRotate={model.may('write') ? rotate : null}
        />
      )}
      {vault && <Vault status={vault} trans={trans} />}
    </div>
  );
}

function Key(props: {
  shown: WorkspaceKeyDescription;
  trans: TranslationBundle;
  /** Null where the person may not. */
  onRotate: ((finish: boolean) => Promise<void>) | null;
}): JSX.Element {
  const { shown, trans, onRotate } = props;
  const { publicKey, fingerprint, source, path, previous, bastions } = shown;
  const origin = {
    made: trans.__('Made by Underpass.'),
    imported: trans.__('Imported.'),
    file: trans.__('Given by the file %1.', path ?? '')
  }[source];
  return (
    <>
      <p>
        {trans.__(
          'All tunnels of this workspace log in with one key. Its private half never leaves the tunnel service.'
        )}
      </p>
      <h3>{trans.__('Public key')}</h3>
      <CopyText
        className="jp-Underpass-publicKey"
        text={publicKey}
        label={trans.__('public key')}
        trans={trans}
      />
      <p className="jp-Underpass-hint">
        {origin} <code className="jp-Underpass-fingerprint">{fingerprint}</code>
      </p>
      {source !== 'file' && (
        <KeyRotation previous={previous} trans={trans} onRotate={onRotate} />
      )}
      <h3>{trans.__('Lines for authorized_keys with the least privileges')}</h3>
      <p>
        {bastions.length > 0
          ? trans.__(
              'Each allows forwarding to the servers of your integrations and nothing else: no shell, no files. Take it again after adding an integration.'
            )
          : trans.__(
              'Add an integration that uses SSH: the line then allows forwarding to its server and nothing else.'
            )}
      </p>
      {bastions.map(bastion => (
        <KeyBastionSection
          key={`${bastion.user}@${bastion.host}:${bastion.port}`}
          bastion={bastion}
          trans={trans}
        />
      ))}
    </>
  );
}

function Vault(props: {
  status: VaultStatus;
  trans: TranslationBundle;
}): JSX.Element {
  const { status, trans } = props;
  const { keeper, where, unreadable, remarks } = status;
  return (
    <section aria-label={trans.__('Where secrets are kept')}>
      <h3>{trans.__('Where secrets are kept')}</h3>
      <p>
        {trans.__(
          'This key and all passwords are encrypted. The master key is in %1.',
          keeper === 'file'
            ? trans.__('a file that only you can read: %1', where)
            : where
        )}
      </p>
      {unreadable > 0 && (
        <p className="jp-Underpass-warning">
          {trans._n(
            '%1 secret has to be entered again: it was encrypted with another master key.',
            '%1 secrets have to be entered again: they were encrypted with another master key.',
            unreadable
          )}
        </p>
      )}
      {remarks.map(remark => (
        <p key={remark} className="jp-Underpass-warning">
          {remark}
        </p>
      ))}
    </section>
  );
}
