import type { TranslationBundle } from '@jupyterlab/translation';
import type { IntegrationType } from '@underpass/protocol';
import * as React from 'react';

import { typeIcon } from '../icons';
import { searchTypes } from './typeSearch';

export interface ITypePickerProps {
  types: readonly IntegrationType[];
  onChoose: (type: IntegrationType) => void;
  trans: TranslationBundle;
}

/** All types of integration, one button each, and a search. Enter takes the first that is found. */
export function TypePicker(props: ITypePickerProps): JSX.Element {
  const { types, onChoose, trans } = props;
  const [typed, setTyped] = React.useState('');
  const found = searchTypes(types, typed);
  const of = (kind: IntegrationType['kind']) =>
    found.filter(type => type.kind === kind);
  const tunnel = types.find(({ kind }) => kind === 'tunnel');
  const [first] = [...of('database'), ...of('tunnel')];
  return (
    <>
      <div className="jp-Underpass-field jp-Underpass-search">
        <input
          type="search"
          autoFocus
          autoComplete="off"
          spellCheck={false}
          data-own-enter
          aria-label={trans.__('Search types')}
          placeholder={trans.__('Search: postgres, mssql, jdbc …')}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
          onKeyDown={event => {
            if (event.key === 'Enter' && typed.trim() !== '' && first) {
              onChoose(first);
            }
          }}
        />
      </div>
      <Group
        {...props}
        types={of('database')}
        title={trans.__('Databases')}
        hint={trans.__('With SQL cells.')}
      />
      <Group
        {...props}
        types={of('tunnel')}
        title={trans.__('Other services')}
        hint={trans.__('A local port to any TCP service behind a bastion.')}
      />
      <p className="jp-Underpass-visuallyHidden" role="status">
        {typed.trim() !== '' &&
          trans._n('%1 type found.', '%1 types found.', found.length)}
      </p>
      {found.length === 0 && (
        <p className="jp-Underpass-noTypes">
          {trans.__('No type is called "%1".', typed.trim())}{' '}
          {tunnel && (
            <>
              {trans.__(
                'Any TCP service behind a bastion can be reached with:'
              )}{' '}
              <button
                type="button"
                className="jp-Underpass-link"
                onClick={() => onChoose(tunnel)}
              >
                {tunnel.label}
              </button>
            </>
          )}
        </p>
      )}
    </>
  );
}

function Group({
  types,
  onChoose,
  title,
  hint
}: ITypePickerProps & { title: string; hint: string }): JSX.Element | null {
  const id = React.useId();
  if (types.length === 0) {
    return null;
  }
  return (
    <section
      className="jp-Underpass-types"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-hint`}
    >
      <h3 id={`${id}-title`}>{title}</h3>
      <p id={`${id}-hint`}>{hint}</p>
      <ul>
        {types.map(type => {
          const icon = typeIcon(type.id);
          return (
            <li key={type.id}>
              <button
                type="button"
                className="jp-Underpass-type"
                onClick={() => onChoose(type)}
              >
                <icon.react tag="span" aria-hidden elementSize="large" />
                <span>{type.label}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
