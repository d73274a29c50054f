import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { FieldTemplateProps } from '@rjsf/utils';
import * as React from 'react';

import type { IIntegrationsModel } from '../tokens';
import type { Values } from './formSchema';

/** What templates and widgets know beyond a field's schema. */
export interface IFormContext {
  required: readonly string[];
  advanced: readonly string[];
  defaults: Values;
  model: IIntegrationsModel;
  /** Secrets that the service has. */
  secretsSet: readonly string[];
  /** Secrets that have to be entered again. */
  secretsLost: readonly string[];
  /** Said below a field. */
  notes: { [field: string]: React.ReactNode };
  /** Behind the fields that everybody needs. */
  behind: React.ReactNode;
  trans: TranslationBundle;
}

/** Name of the field that has this id in the form. */
export function fieldName(id: string): string {
  return id.replace(/^root_/, '');
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
  const { required: names, notes } = formContext as IFormContext;
  const name = fieldName(id);
  const error = (props.rawErrors ?? []).join(' ');
  const field = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    // rjsf refers to the error by its id, and does not say that there is one.
    for (const input of field.current?.querySelectorAll(
      'input, select, textarea'
    ) ?? []) {
      if (error) {
        input.setAttribute('aria-invalid', 'true');
      } else {
        input.removeAttribute('aria-invalid');
      }
    }
  }, [error]);
  return (
    <div ref={field} className={`jp-Underpass-field ${classNames ?? ''}`}>
      {props.displayLabel && (
        <label
          id={`${id}__label`}
          htmlFor={id}
          className={names.includes(name) ? 'jp-Underpass-required' : undefined}
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
      {notes[name]}
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
