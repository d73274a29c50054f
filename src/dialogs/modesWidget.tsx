import type { WidgetProps } from '@rjsf/utils';
import * as React from 'react';

/** One of few modes, each with a sentence that says what it means. */
export function ModesWidget(props: WidgetProps): JSX.Element {
  const { id, value, options, onChange } = props;
  const { enumOptions = [], meanings } = options;
  const sentences = (meanings ?? []) as string[];
  return (
    <div
      id={id}
      role="radiogroup"
      aria-labelledby={`${id}__label`}
      className="jp-Underpass-modes"
    >
      {enumOptions.map(({ value: mode, label }, index) => {
        const input = `${id}-${index}`;
        return (
          <div className="jp-Underpass-mode" key={String(mode)}>
            <input
              type="radio"
              id={input}
              name={id}
              checked={value === mode}
              aria-describedby={`${input}__meaning`}
              onChange={() => onChange(mode)}
            />
            <div>
              <label htmlFor={input}>{label}</label>
              <div id={`${input}__meaning`} className="jp-Underpass-fieldHint">
                {sentences[index]}
              </div>
            </div>
          </div>
        );
      })}
    </div>
  );
}
