import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { FieldProps } from '@rjsf/utils';
import * as React from 'react';

import type { IFormContext } from './fieldTemplate';

interface IRow {
  key: string;
  value: string;
}

type Entries = { [key: string]: string };

/**
 * A field of names and values, each of them text. Rows keep what is typed; a name that is empty, or repeated further
 * down, is not part of the value.
 */
export function KeyValues(props: FieldProps<ReadonlyJSONObject>): JSX.Element {
  const { idSchema, schema, formData, errorSchema, rawErrors, onChange } =
    props;
  const { trans } = props.formContext as IFormContext;
  const id = idSchema.$id;
  const title = schema.title ?? '';
  const entries = (formData ?? {}) as Entries;
  const [typed, setTyped] = React.useState<IRow[]>([]);
  // Somebody else has set the value: another type was chosen, a URL was pasted.
  const rows = isSame(entriesOf(typed), entries) ? typed : rowsOf(entries);

  const change = (changed: IRow[]) => {
    setTyped(changed);
    onChange(entriesOf(changed) as ReadonlyJSONObject);
  };
  const edit = (index: number, part: Partial<IRow>) =>
    change(rows.map((row, at) => (at === index ? { ...row, ...part } : row)));

  const list = React.useRef<HTMLFieldSetElement>(null);
  const refused = rows.findIndex(({ key }) => errorsAt(errorSchema, key));
  const failed = rawErrors?.length ? 0 : refused;
  React.useEffect(() => {
    if (failed >= 0) {
      inputs(list.current)[failed * 2]?.focus();
    }
  }, [failed, errorSchema]);

  const isAdding = React.useRef(false);
  React.useEffect(() => {
    if (isAdding.current) {
      isAdding.current = false;
      inputs(list.current)[(rows.length - 1) * 2]?.focus();
    }
  }, [rows.length]);

  return (
    <fieldset
      ref={list}
      id={id}
      className="jp-Underpass-keyValues"
      aria-describedby={`${id}__description`}
    >
      <legend>{title}</legend>
      {rows.map(({ key, value }, index) => {
        const error = rows.slice(0, index).some(row => row.key === key && key)
          ? trans.__('This name is there already.')
          : errorsAt(errorSchema, key);
        return (
          <div className="jp-Underpass-keyValue" key={index}>
            <input
              type="text"
              aria-label={trans.__('Name of option %1', String(index + 1))}
              aria-invalid={error !== null}
              placeholder={trans.__('Name')}
              spellCheck={false}
              value={key}
              onChange={event => edit(index, { key: event.target.value })}
            />
            <input
              type="text"
              aria-label={trans.__('Value of option %1', String(index + 1))}
              placeholder={trans.__('Value')}
              spellCheck={false}
              value={value}
              onChange={event => edit(index, { value: event.target.value })}
            />
            <button
              type="button"
              className="jp-Underpass-link"
              aria-label={trans.__('Remove option %1', String(index + 1))}
              onClick={() => change(rows.filter((_, at) => at !== index))}
            >
              {trans.__('Remove')}
            </button>
            {error && (
              <div className="jp-Underpass-fieldError" role="alert">
                {error}
              </div>
            )}
          </div>
        );
      })}
      <button
        type="button"
        className="jp-Underpass-link"
        onClick={() => {
          isAdding.current = true;
          setTyped([...rows, { key: '', value: '' }]);
        }}
      >
        {trans.__('Add an option')}
      </button>
      {schema.description && (
        <div id={`${id}__description`} className="jp-Underpass-fieldHint">
          {schema.description}
        </div>
      )}
    </fieldset>
  );
}

function rowsOf(entries: Entries): IRow[] {
  return Object.entries(entries).map(([key, value]) => ({ key, value }));
}

/** The first of two rows with the same name counts. */
function entriesOf(rows: readonly IRow[]): Entries {
  return Object.fromEntries(
    [...rows]
      .reverse()
      .filter(({ key }) => key.trim() !== '')
      .map(({ key, value }) => [key.trim(), value])
      .reverse()
  );
}

function isSame(a: Entries, b: Entries): boolean {
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every(key => Object.hasOwn(b, key) && a[key] === b[key])
  );
}

/** @param errors what rjsf has below this field */
function errorsAt(errors: unknown, key: string): string | null {
  const below = (errors ?? {}) as { [key: string]: { __errors?: string[] } };
  return below[key.trim()]?.__errors?.join(' ') ?? null;
}

function inputs(list: HTMLElement | null): HTMLInputElement[] {
  return [...(list?.querySelectorAll('input') ?? [])];
}
