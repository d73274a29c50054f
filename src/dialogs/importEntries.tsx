import type { TranslationBundle } from '@jupyterlab/translation';
import type {
  ImportEntry,
  IntegrationType,
  Results
} from '@underpass/protocol';
import * as React from 'react';

import { FailureNote } from '../failureNote';

export interface IImportEntriesProps {
  read: Results['underpass/imports/read'];
  types: readonly IntegrationType[];
  /** Those that could not be added. */
  refused: Results['underpass/imports/add']['refused'];
  /** Fill in the form with one. */
  onUse: (entry: ImportEntry) => void;
  /** Add some as they are. */
  onAdd: (entries: readonly ImportEntry[]) => void;
  trans: TranslationBundle;
}

/** What was found in files, to be taken into the form one by one, or added several at once. */
export function ImportEntries(props: IImportEntriesProps): JSX.Element {
  const { read, types, refused, onUse, onAdd, trans } = props;
  const { entries, files, remarks } = read;
  const id = React.useId();
  const [chosen, setChosen] = React.useState<ReadonlySet<string>>(new Set());
  const section = React.useRef<HTMLElement>(null);
  React.useEffect(() => {
    setChosen(new Set());
    section.current?.focus();
    section.current?.scrollIntoView({ block: 'nearest' });
  }, [read]);
  const picked = entries.filter(entry => chosen.has(entry.id));
  const choose = (entry: string, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) {
      next.add(entry);
    } else {
      next.delete(entry);
    }
    setChosen(next);
  };
  return (
    <section
      ref={section}
      tabIndex={-1}
      aria-label={trans.__('Found connections')}
    >
      <h3>
        {trans._n(
          '%1 connection found',
          '%1 connections found',
          entries.length
        )}
      </h3>
      {files.map(({ path, found, failure }) => (
        <React.Fragment key={path}>
          {!found && (
            <p className="jp-Underpass-fieldHint">
              {trans.__('There is no file %1.', path)}
            </p>
          )}
          {failure && <FailureNote failure={failure} />}
        </React.Fragment>
      ))}
      <ul className="jp-Underpass-entries">
        {entries.map(entry => {
          const label = types.find(({ id: type }) => type === entry.type);
          const failure = refused.find(other => other.entry === entry.id);
          return (
            <li key={entry.id}>
              <input
                type="checkbox"
                id={`${id}-${entry.id}`}
                aria-describedby={`${id}-${entry.id}-what`}
                disabled={entry.missing !== undefined}
                checked={chosen.has(entry.id)}
                onChange={({ target }) => choose(entry.id, target.checked)}
              />
              <div>
                <label htmlFor={`${id}-${entry.id}`}>{entry.name}</label>
                <div
                  id={`${id}-${entry.id}-what`}
                  className="jp-Underpass-fieldHint"
                >
                  {[label?.label ?? entry.type, address(entry), entry.origin]
                    .filter(part => part !== '')
                    .join(' · ')}
                  {entry.secretsSet.includes('password') &&
                    ` · ${trans.__('with password')}`}
                  {entry.missing &&
                    ` · ${trans.__('Left to fill in: %1', entry.missing.message)}`}
                </div>
                {failure && <FailureNote failure={failure.failure} />}
              </div>
              <button
                type="button"
                className="jp-Underpass-link"
                aria-label={trans.__('Fill in the form with %1', entry.name)}
                onClick={() => onUse(entry)}
              >
                {trans.__('Fill in the form')}
              </button>
            </li>
          );
        })}
      </ul>
      {remarks.map(remark => (
        <p key={remark} className="jp-Underpass-fieldHint">
          {remark}
        </p>
      ))}
      {entries.some(({ missing }) => !missing) && (
        <button
          type="button"
          className="jp-mod-styled jp-mod-accept"
          disabled={picked.length === 0}
          onClick={() => onAdd(picked)}
        >
          {picked.length === 0
            ? trans.__('Check those to add')
            : trans._n(
                'Add %1 integration',
                'Add %1 integrations',
                picked.length
              )}
        </button>
      )}
    </section>
  );
}

/** `me@db.internal:5432/shop`, as far as it is known. */
function address({ fields }: ImportEntry): string {
  const { user, host, port, database } = fields;
  return [
    typeof user === 'string' ? `${user}@` : '',
    typeof host === 'string' ? host : '…',
    typeof port === 'number' ? `:${port}` : '',
    typeof database === 'string' ? `/${database}` : ''
  ].join('');
}
