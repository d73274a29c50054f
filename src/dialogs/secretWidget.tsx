import type { WidgetProps } from '@rjsf/utils';
import { ariaDescribedByIds } from '@rjsf/utils';
import * as React from 'react';

import type { IFormContext } from './fieldTemplate';
import { fieldName } from './fieldTemplate';
import { TextArea } from './textArea';

/**
 * A secret. The browser never has what is kept: it stays, is removed, or another one is typed in its place.
 */
export function SecretWidget(props: WidgetProps): JSX.Element {
  const { id, value, label, onChange, schema } = props;
  const { secretsSet, secretsLost, trans } = props.formContext as IFormContext;
  const isSet = secretsSet.includes(fieldName(id));
  const isLost = secretsLost.includes(fieldName(id));
  const group = React.useRef<HTMLDivElement>(null);
  const wasUsed = React.useRef(false);
  const mode = !isSet
    ? 'typed'
    : value === undefined
      ? 'kept'
      : value === null
        ? 'removed'
        : 'typed';
  React.useEffect(() => {
    if (wasUsed.current) {
      wasUsed.current = false;
      group.current
        ?.querySelector<HTMLElement>('input, textarea, button')
        ?.focus();
    }
  }, [mode]);
  const change = (next: string | null | undefined) => {
    wasUsed.current = true;
    // rjsf types what it is given; a null is given as it is.
    onChange(next);
  };
  const link = (
    text: string,
    name: string,
    next: string | null | undefined
  ) => (
    <button
      type="button"
      className="jp-Underpass-link"
      aria-label={name}
      onClick={() => change(next)}
    >
      {text}
    </button>
  );
  if (mode === 'typed') {
    return (
      <div ref={group}>
        {schema.format === 'textarea' ? (
          <TextArea {...props} value={value ?? ''} />
        ) : (
          <input
            id={id}
            name={id}
            type="password"
            className="form-control"
            // Neither the password of the Jupyter server, nor one to be kept for it.
            autoComplete="new-password"
            value={typeof value === 'string' ? value : ''}
            aria-describedby={ariaDescribedByIds(id)}
            onChange={({ target }) => onChange(target.value)}
          />
        )}
        {isLost && (
          <div className="jp-Underpass-fieldHint">
            {trans.__(
              'Enter it again: what is kept was encrypted with another master key.'
            )}
          </div>
        )}
        {isSet && (
          <div className="jp-Underpass-secretActions">
            {link(
              trans.__('Keep the one that is set'),
              trans.__('Keep the %1 that is set', label),
              undefined
            )}
          </div>
        )}
      </div>
    );
  }
  return (
    <div
      ref={group}
      id={id}
      role="group"
      aria-labelledby={`${id}__label`}
      className="jp-Underpass-secret"
    >
      {mode === 'kept' ? (
        <>
          <span className="jp-Underpass-secretState">
            <span aria-hidden="true">••••••••</span> {trans.__('Set')}
          </span>
          {link(trans.__('Replace'), trans.__('Replace %1', label), '')}
          {link(trans.__('Remove'), trans.__('Remove %1', label), null)}
        </>
      ) : (
        <>
          <span className="jp-Underpass-secretState">
            {trans.__('Removed when you save')}
          </span>
          {link(
            trans.__('Keep it'),
            trans.__('Keep the %1 that is set', label),
            undefined
          )}
        </>
      )}
    </div>
  );
}
