import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IDifference } from './conflict';
import type { EditDraft } from './editDraft';

export interface IConflictNoteProps {
  draft: EditDraft;
  trans: TranslationBundle;
}

/** Says what somebody else has changed meanwhile, and lets the person decide. */
export function ConflictNote(props: IConflictNoteProps): JSX.Element {
  const { draft, trans } = props;
  const note = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    note.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <div ref={note} className="jp-Underpass-conflict" role="alert">
      <strong>
        {trans.__(
          'This integration was changed meanwhile, by somebody else or in another window.'
        )}
      </strong>
      {draft.differences.length > 0 ? (
        <ul>
          {draft.differences.map(difference => (
            <li key={difference.field}>{sentence(difference, trans)}</li>
          ))}
        </ul>
      ) : (
        <p>
          {trans.__(
            'Nothing that is shown here differs: a secret was set anew.'
          )}
        </p>
      )}
      <span className="jp-Underpass-answers">
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject"
          onClick={() => draft.discard()}
        >
          {trans.__('Discard what I typed')}
        </button>
        <button
          type="button"
          className="jp-mod-styled jp-mod-accept"
          onClick={() => draft.takeOver()}
        >
          {trans.__('Keep what I typed, take over the rest')}
        </button>
      </span>
    </div>
  );
}

function sentence(difference: IDifference, trans: TranslationBundle): string {
  const { was, is, isDisputed } = difference;
  const title = nameOf(difference, trans);
  const change =
    is !== null && was !== null
      ? trans.__('%1: was "%2", is "%3" now.', title, was, is)
      : is !== null
        ? trans.__('%1: is "%2" now.', title, is)
        : trans.__('%1 was changed.', title);
  return isDisputed
    ? `${change} ${trans.__('You have changed it, too.')}`
    : change;
}

function nameOf(
  { field, title }: IDifference,
  trans: TranslationBundle
): string {
  switch (field) {
    case 'name':
      return trans.__('Name');
    case 'aliases':
      return trans.__('Former names');
    case 'production':
      return trans.__('Production');
    case 'readOnly':
      return trans.__('Read-only');
    default:
      return title;
  }
}
