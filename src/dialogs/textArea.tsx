import type { WidgetProps } from '@rjsf/utils';
import { ariaDescribedByIds } from '@rjsf/utils';
import * as React from 'react';

/**
 * Several lines of text, private keys among them. Browsers keep what is typed into such a field on disk, to restore it
 * when they are started again, and may have its spelling checked elsewhere: not of these.
 */
export function TextArea(props: WidgetProps): JSX.Element {
  const { id, value, options, onChange, onBlur, onFocus } = props;
  return (
    <textarea
      id={id}
      name={id}
      className="form-control"
      value={typeof value === 'string' ? value : ''}
      placeholder={props.placeholder}
      required={props.required ?? false}
      disabled={props.disabled ?? false}
      readOnly={props.readonly ?? false}
      rows={options.rows}
      autoComplete="off"
      spellCheck={false}
      aria-describedby={ariaDescribedByIds(id)}
      onChange={({ target }) =>
        onChange(target.value === '' ? options.emptyValue : target.value)
      }
      onBlur={({ target }) => onBlur(id, target.value)}
      onFocus={({ target }) => onFocus(id, target.value)}
    />
  );
}
