import type { WidgetProps } from '@rjsf/utils';
import * as React from 'react';

/** A box to check, with what it means below its label. */
export function CheckBox(props: WidgetProps): JSX.Element {
  const { id, value, label, schema, onChange } = props;
  const { description } = schema;
  return (
    <div className="checkbox">
      <label>
        <input
          type="checkbox"
          id={id}
          name={id}
          checked={value === true}
          disabled={props.disabled ?? false}
          aria-describedby={description ? `${id}__meaning` : undefined}
          onChange={({ target }) => onChange(target.checked)}
        />
        <span>{label}</span>
      </label>
      {description && (
        <div id={`${id}__meaning`} className="jp-Underpass-fieldHint">
          {description}
        </div>
      )}
    </div>
  );
}
