import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { EgressGuide, Failure, Results } from '@underpass/protocol';
import * as React from 'react';

import { FailureNote } from '../failureNote';
import { asFailure } from '../failures';
import type { IIntegrationsModel } from '../tokens';
import { CopyButton, CopyText } from './copyText';
import { EgressEditor } from './egressEditor';

type Shown = Results['underpass/egress/show'];

/** The addresses that databases see, and how to authorize them at each vendor. */
export class EgressDialog extends Dialog<void> {
  /** @param integration id of the one that the guides are for at first */
  constructor(
    model: IIntegrationsModel,
    integration: string | undefined,
    trans: TranslationBundle
  ) {
    super({
      title: trans.__('Authorize IP addresses'),
      body: ReactWidget.create(
        <Egress model={model} integration={integration ?? ''} trans={trans} />
      ),
      buttons: [Dialog.okButton({ label: trans.__('Close') })]
    });
    this.addClass('jp-Underpass-dialog');
  }

  /** In the list that is typed, Enter makes a line. */
  protected override _evtKeydown(event: KeyboardEvent): void {
    const active = document.activeElement;
    const isOwn =
      active !== null &&
      this.node.contains(active) &&
      ((event.key === 'Enter' &&
        active.matches(
          'textarea, select, summary, a, button:not(.jp-Dialog-button)'
        )) ||
        event.key.startsWith('Arrow'));
    if (!isOwn) {
      super._evtKeydown(event);
    }
  }
}

interface IEgressProps {
  model: IIntegrationsModel;
  integration: string;
  trans: TranslationBundle;
}

function Egress(props: IEgressProps): JSX.Element {
  const { model, trans } = props;
  const [integration, setIntegration] = React.useState(props.integration);
  const [shown, setShown] = React.useState<Shown | null>(null);
  const [failure, setFailure] = React.useState<Failure | null>(null);
  const [editing, setEditing] = React.useState(false);
  const [edits, setEdits] = React.useState(0);
  React.useEffect(() => {
    // A slow answer about the choice before must not be shown as one about this.
    let isCurrent = true;
    const fetch = async () => {
      const answer = await model
        .request(
          'underpass/egress/show',
          integration === '' ? {} : { integration }
        )
        .catch((error: unknown) => asFailure(error, trans));
      if (!isCurrent) {
        return;
      }
      if ('code' in answer) {
        setFailure(answer);
      } else {
        setShown(answer);
        setFailure(null);
      }
    };
    const onChanged = () => void fetch();
    onChanged();
    model.changed.connect(onChanged);
    return () => {
      isCurrent = false;
      model.changed.disconnect(onChanged);
    };
  }, [model, integration, trans, edits]);

  if (!shown) {
    return (
      <div className="jp-Underpass-dialogBody">
        {failure ? <FailureNote failure={failure} /> : trans.__('Loading…')}
      </div>
    );
  }
  return (
    <div className="jp-Underpass-dialogBody jp-Underpass-egress">
      {failure && <FailureNote failure={failure} />}
      <p>{shown.note}</p>
      {shown.from.length > 0 && (
        <p className="jp-Underpass-hint">
          {trans.__('From: %1', shown.from.join(', '))}
        </p>
      )}
      {shown.enabled && (
        <>
          {editing ? (
            <EgressEditor
              addresses={shown.addresses}
              model={model}
              trans={trans}
              onDone={() => {
                setEditing(false);
                setEdits(edits + 1);
              }}
            />
          ) : (
            <Addresses
              shown={shown}
              trans={trans}
              onEdit={model.may('write') ? () => setEditing(true) : null}
            />
          )}
          <Guides
            shown={shown}
            model={model}
            integration={integration}
            onIntegration={setIntegration}
            trans={trans}
          />
        </>
      )}
    </div>
  );
}

function Addresses(props: {
  shown: Shown;
  trans: TranslationBundle;
  /** Null where the person may not. */
  onEdit: (() => void) | null;
}): JSX.Element {
  const { shown, trans, onEdit } = props;
  const { addresses, remarks, source, findOut } = shown;
  return (
    <section aria-label={trans.__('Addresses')}>
      {addresses.length > 0 && (
        <>
          <h3>
            {trans.__('Addresses')}
            <CopyButton
              text={addresses.join('\n')}
              label={trans.__('all addresses')}
              trans={trans}
            >
              {trans.__('Copy all')}
            </CopyButton>
          </h3>
          <ul className="jp-Underpass-addresses">
            {addresses.map(address => (
              <li key={address}>
                <code>{address}</code>
                <CopyButton text={address} label={address} trans={trans} />
              </li>
            ))}
          </ul>
        </>
      )}
      {remarks.length > 0 && (
        <ul className="jp-Underpass-remarks">
          {remarks.map(remark => (
            <li key={remark}>{remark}</li>
          ))}
        </ul>
      )}
      {source === 'none' && (
        <>
          <h3>{trans.__('What the internet sees')}</h3>
          <p>{trans.__('Run this on the machine of the Jupyter server:')}</p>
          <CopyText
            text={findOut}
            label={trans.__('command that shows the address')}
            trans={trans}
          />
        </>
      )}
      {source !== 'admin' && onEdit && (
        <button
          type="button"
          className="jp-Underpass-link jp-Underpass-editAddresses"
          onClick={onEdit}
        >
          {source === 'none'
            ? trans.__('Enter the addresses…')
            : trans.__('Edit the list…')}
        </button>
      )}
    </section>
  );
}

function Guides(props: {
  shown: Shown;
  model: IIntegrationsModel;
  integration: string;
  onIntegration: (id: string) => void;
  trans: TranslationBundle;
}): JSX.Element {
  const { shown, model, integration, onIntegration, trans } = props;
  const id = React.useId();
  const integrations = model.listing?.integrations ?? [];
  return (
    <section aria-label={trans.__('How to authorize them')}>
      <h3>{trans.__('How to authorize them')}</h3>
      {integrations.length > 0 && (
        <div className="jp-Underpass-guideFor">
          <label htmlFor={id}>{trans.__('For')}</label>
          <select
            id={id}
            value={integration}
            onChange={event => onIntegration(event.target.value)}
          >
            <option value="">{trans.__('any database')}</option>
            {integrations.map(({ id: value, name }) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </div>
      )}
      {shown.guides.length === 0 && (
        <p>{trans.__('This integration needs no address authorized here.')}</p>
      )}
      {shown.guides.map(guide => (
        <Guide key={guide.id} guide={guide} trans={trans} />
      ))}
    </section>
  );
}

function Guide(props: {
  guide: EgressGuide;
  trans: TranslationBundle;
}): JSX.Element {
  const { guide, trans } = props;
  return (
    <details className="jp-Underpass-guide">
      <summary>{guide.title}</summary>
      <ol>
        {guide.steps.map(step => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      {guide.warnings.map(warning => (
        <p key={warning} className="jp-Underpass-warning">
          {warning}
        </p>
      ))}
      {guide.command && (
        <CopyText text={guide.command} label={guide.title} trans={trans} />
      )}
      <a href={guide.link} target="_blank" rel="noopener noreferrer">
        {trans.__('The vendor’s own page')}
      </a>
    </details>
  );
}
