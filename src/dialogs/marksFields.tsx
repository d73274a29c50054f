import type { TranslationBundle } from '@jupyterlab/translation';
import type { IntegrationType, Marks } from '@underpass/protocol';
import * as React from 'react';

import type { Draft } from './draft';

export interface IMarksFieldsProps {
  draft: Draft;
  type: IntegrationType;
  trans: TranslationBundle;
}

/** What an integration is marked with: two switches, each with a sentence. */
export function MarksFields({
  draft,
  type,
  trans
}: IMarksFieldsProps): JSX.Element {
  const id = React.useId();
  const { failure, marks } = draft;
  const mark = (name: keyof Marks, label: string, meaning: string) => {
    const error = failure?.detail?.field === name ? failure.message : null;
    const hint = `${id}-${name}-hint`;
    return (
      <div className="jp-Underpass-markField jp-Underpass-field">
        <input
          type="checkbox"
          role="switch"
          id={`${id}-${name}`}
          checked={marks[name]}
          aria-describedby={hint}
          onChange={({ target }) => draft.mark({ [name]: target.checked })}
        />
        <div>
          <label htmlFor={`${id}-${name}`}>{label}</label>
          <div id={hint} className="jp-Underpass-fieldHint">
            {meaning}
          </div>
          {error !== null && (
            <div className="jp-Underpass-fieldError" role="alert">
              {error}
            </div>
          )}
        </div>
      </div>
    );
  };
  return (
    <fieldset className="jp-Underpass-marks">
      <legend>{trans.__('Marks')}</legend>
      {mark(
        'production',
        trans.__('Production'),
        trans.__(
          'Shown with a colour in the sidebar and at each SQL cell, so that nobody takes it for a test. It forbids nothing.'
        )
      )}
      {type.kind === 'database' &&
        mark(
          'readOnly',
          trans.__('Read-only'),
          trans.__(
            'SQL cells refuse statements that write. It guards against accidents: the rights of the database user still decide.'
          )
        )}
    </fieldset>
  );
}
