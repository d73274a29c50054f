import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { FieldTemplateProps } from '@rjsf/utils';
import * as React from 'react';

import type { Values } from './formSchema';

/** What the templates know beyond a field's schema. */
export interface IFormContext {
  required: readonly string[];
  advanced: readonly string[];
  defaults: Values;
  trans: TranslationBundle;
}

/**
 * One field: a label that belongs to its input, the input, what to type, what is wrong. The ids are those that the
 * inputs of rjsf refer to.
 */
export function FieldTemplate(
  props: FieldTemplateProps<ReadonlyJSONObject>
): JSX.Element {
  if (props.hidden) {
    return <div hidden>{props.children}</div>;
  }
  return props.id === 'root' ? props.children : <Field {...props} />;
}

function Field(props: FieldTemplateProps<ReadonlyJSONObject>): JSX.Element {
  const { id, children, classNames, formContext, label } = props;
  const { required: names } = formContext as IFormContext;
  const required = names.includes(id.replace(/^root_/, ''));
  const error = (props.rawErrors ?? []).join(' ');
  const field = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    if (error) {
      field.current
        ?.querySelector<HTMLElement>('input, select, textarea')
        ?.focus();
      field.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [error]);
  return (
    <div ref={field} className={`jp-Underpass-field ${classNames ?? ''}`}>
      {props.displayLabel && (
        <label
          htmlFor={id}
          className={required ? 'jp-Underpass-required' : undefined}
        >
          {label}
        </label>
      )}
      {children}
      {props.rawDescription && props.displayLabel && (
        <div id={`${id}__description`} className="jp-Underpass-fieldHint">
          {props.rawDescription}
        </div>
      )}
      {error && (
        <div
          id={`${id}__error`}
          className="jp-Underpass-fieldError"
          role="alert"
        >
          {error}
        </div>
      )}
    </div>
  );
}
