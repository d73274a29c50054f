import type { TranslationBundle } from '@jupyterlab/translation';
import type {
  Failure,
  ImportEntry,
  Integration,
  Results
} from '@underpass/protocol';
import * as React from 'react';

import { asFailure } from '../failures';
import { FailureNote } from '../failureNote';
import type { AddDraft } from './addDraft';
import { ImportEntries } from './importEntries';

type Read = Results['underpass/imports/read'];

export interface IImportViewProps {
  draft: AddDraft;
  /** Called with the first of those that were added. */
  onAdded: (integration: Integration) => void;
  trans: TranslationBundle;
}

/** Reads files of libpq, those of the server's user or what is given here, and offers what is in them. */
export function ImportView(props: IImportViewProps): JSX.Element {
  const { draft, onAdded, trans } = props;
  const { model } = draft;
  const text = draft.importText;
  const setText = (typed: string) => (draft.importText = typed);
  const [read, setRead] = React.useState<Read | null>(null);
  const [failure, setFailure] = React.useState<Failure | null>(null);
  const [refused, setRefused] = React.useState<
    Results['underpass/imports/add']['refused']
  >([]);
  const chooser = React.useRef<HTMLInputElement>(null);

  const run = async (work: () => Promise<void>) => {
    try {
      setFailure(null);
      await work();
    } catch (error) {
      setFailure(asFailure(error, trans));
    }
  };
  const look = (source: { kind: 'own' } | { kind: 'text'; text: string }) =>
    run(async () => {
      setRead(null);
      setRead(await model.request('underpass/imports/read', { source }));
      setRefused([]);
      // It may hold passwords: it is gone as soon as it was understood.
      setText('');
    });
  const add = (entries: readonly ImportEntry[]) =>
    run(async () => {
      const answer = await model.request('underpass/imports/add', {
        import: read?.import ?? '',
        entries: entries.map(({ id }) => id)
      });
      setRefused(answer.refused);
      const [first] = answer.added;
      if (first && answer.refused.length === 0) {
        onAdded(first);
      }
    });

  return (
    <div className="jp-Underpass-dialogBody jp-Underpass-import">
      <div className="jp-Underpass-formType">
        <strong>{trans.__('Import from PostgreSQL’s files')}</strong>
        <button
          type="button"
          className="jp-Underpass-link"
          onClick={() => (draft.isImporting = false)}
        >
          {trans.__('Back to the types')}
        </button>
      </div>
      <section aria-label={trans.__('From the server')}>
        <p>
          {trans.__(
            'Reads ~/.pgpass and ~/.pg_service.conf of the user that the Jupyter server runs as. Passwords go straight to the vault and never to this page.'
          )}
        </p>
        <button
          type="button"
          className="jp-mod-styled"
          onClick={() => void look({ kind: 'own' })}
        >
          {trans.__('Read the files of the server')}
        </button>
      </section>
      <section
        className="jp-Underpass-field"
        aria-label={trans.__('From this computer')}
      >
        <label htmlFor="jp-Underpass-importText">
          {trans.__('Or paste the lines here')}
        </label>
        <textarea
          id="jp-Underpass-importText"
          rows={4}
          autoComplete="off"
          spellCheck={false}
          placeholder="host:port:database:user:password"
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        <input
          ref={chooser}
          type="file"
          hidden
          aria-label={trans.__('File to import')}
          onChange={({ target }) => {
            const [file] = target.files ?? [];
            target.value = '';
            if (file) {
              void run(async () =>
                look({ kind: 'text', text: await file.text() })
              );
            }
          }}
        />
        <div className="jp-Underpass-secretActions">
          <button
            type="button"
            className="jp-mod-styled"
            disabled={text.trim() === ''}
            onClick={() => void look({ kind: 'text', text })}
          >
            {trans.__('Read')}
          </button>
          <button
            type="button"
            className="jp-Underpass-link"
            onClick={() => chooser.current?.click()}
          >
            {trans.__('Choose a file of this computer…')}
          </button>
        </div>
      </section>
      {failure && <FailureNote failure={failure} />}
      {read && (
        <ImportEntries
          read={read}
          types={model.listing?.types ?? []}
          refused={refused}
          onUse={entry => draft.take(entry, read.import)}
          onAdd={entries => void add(entries)}
          trans={trans}
        />
      )}
    </div>
  );
}
