import type { TranslationBundle } from '@jupyterlab/translation';
import type { Failure } from '@underpass/protocol';
import * as React from 'react';

import { FailureNote } from '../failureNote';
import { asFailure } from '../failures';
import type { IIntegrationsModel } from '../tokens';

export interface IEgressEditorProps {
  addresses: readonly string[];
  model: IIntegrationsModel;
  trans: TranslationBundle;
  /** The list was kept, or is left as it was. */
  onDone: () => void;
}

/** The list as text; the service says what is wrong with it. */
export function EgressEditor(props: IEgressEditorProps): JSX.Element {
  const { model, trans, onDone } = props;
  const id = React.useId();
  const [text, setText] = React.useState(props.addresses.join('\n'));
  const [failure, setFailure] = React.useState<Failure | null>(null);
  const [busy, setBusy] = React.useState(false);
  const save = async () => {
    setBusy(true);
    try {
      await model.request('underpass/egress/set', {
        addresses: text.split('\n').filter(line => line.trim() !== '')
      });
      onDone();
    } catch (error) {
      setFailure(asFailure(error, trans));
      setBusy(false);
    }
  };
  return (
    <div className="jp-Underpass-egressEditor">
      <label htmlFor={id}>
        {trans.__('IP addresses or CIDR blocks, one in each line')}
      </label>
      <textarea
        id={id}
        className="jp-mod-styled"
        rows={8}
        value={text}
        spellCheck={false}
        autoFocus
        onChange={event => setText(event.target.value)}
      />
      {failure && <FailureNote failure={failure} />}
      <div className="jp-Underpass-egressButtons">
        <button type="button" className="jp-mod-styled" onClick={onDone}>
          {trans.__('Cancel')}
        </button>
        <button
          type="button"
          className="jp-mod-styled jp-mod-accept"
          disabled={busy}
          onClick={() => void save()}
        >
          {trans.__('Save')}
        </button>
      </div>
    </div>
  );
}
