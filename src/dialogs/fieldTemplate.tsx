import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { FieldTemplateProps } from '@rjsf/utils';
import * as React from 'react';

/** What the templates know beyond a field's schema. */
export interface IFormContext {
  required: readonly string[];
}

/**
 * One field: a label that belongs to its input, the input, what to type, what is wrong. The ids are those that the
 * inputs of rjsf refer to.
 */
export function FieldTemplate(
  props: FieldTemplateProps<ReadonlyJSONObject>
): JSX.Element {
  const { id, children, classNames, formContext, hidden, label } = props;
  if (hidden) {
    return <div hidden>{children}</div>;
  }
  if (id === 'root') {
    return children;
  }
  const { required: names } = formContext as IFormContext;
  const required = names.includes(id.replace(/^root_/, ''));
  const errors = props.rawErrors ?? [];
  return (
    <div className={`jp-Underpass-field ${classNames ?? ''}`}>
      {props.displayLabel && (
        <label htmlFor={id}>
          {label}
          {required && <span aria-hidden="true"> *</span>}
        </label>
      )}
      {children}
      {props.rawDescription && props.displayLabel && (
        <div id={`${id}__description`} className="jp-Underpass-fieldHint">
          {props.rawDescription}
        </div>
      )}
      {errors.length > 0 && (
        <div
          id={`${id}__error`}
          className="jp-Underpass-fieldError"
          role="alert"
        >
          {errors.join(' ')}
        </div>
      )}
    </div>
  );
}
