import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { AddDraft } from './addDraft';

export interface IPasteUrlProps {
  draft: AddDraft;
  trans: TranslationBundle;
}

/**
 * Takes a connection URL and fills in the form with it. What was typed here may hold a password: it is gone as soon as
 * the URL was understood.
 */
export function PasteUrl({ draft, trans }: IPasteUrlProps): JSX.Element {
  const [text, setText] = React.useState('');
  const id = 'jp-Underpass-pasteUrl';
  const failure = draft.urlFailure;
  const take = async (url: string) => {
    if (url.trim() !== '' && (await draft.paste(url))) {
      setText('');
    }
  };
  return (
    <div className="jp-Underpass-field jp-Underpass-paste">
      <label htmlFor={id}>{trans.__('Paste a connection URL')}</label>
      <input
        id={id}
        type="text"
        autoComplete="off"
        spellCheck={false}
        data-own-enter
        aria-describedby={failure ? `${id}__error` : undefined}
        placeholder="scheme://user:password@host:port/database"
        value={text}
        onChange={event => setText(event.target.value)}
        onPaste={event => {
          const input = event.currentTarget;
          // Once the text is there.
          window.setTimeout(() => void take(input.value));
        }}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            void take(text);
          }
        }}
      />
      {failure && (
        <div
          id={`${id}__error`}
          className="jp-Underpass-fieldError"
          role="alert"
        >
          {failure.message} {failure.fix}
        </div>
      )}
      {draft.remarks.length > 0 && (
        <ul className="jp-Underpass-remarks" role="status">
          {draft.remarks.map(remark => (
            <li key={remark}>{remark}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
