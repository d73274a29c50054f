import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { reserved } from './names';
import { ownKeys } from './ownKeys';

/** What Python takes as a name. */
const variableName = /^[\p{L}_][\p{L}\p{N}_]*$/u;

export interface IOutputFieldProps {
  /** As the first line has it; '' where it has none. */
  name: string;
  trans: TranslationBundle;
  disabled: boolean;
  onName: (name: string) => void;
}

/** Names the variable that receives the rows. What is no name is not taken over. */
export function OutputField(props: IOutputFieldProps): JSX.Element {
  const { name, trans, disabled, onName } = props;
  return (
    <label className="jp-Underpass-sqlOutput">
      <span>{trans.__('Result in')}</span>
      <input
        {...ownKeys}
        // Another name in the line is another input: what is being typed here is not a name yet.
        key={name}
        type="text"
        size={Math.max(name.length, reserved.output.length) + 1}
        spellCheck={false}
        disabled={disabled}
        placeholder={reserved.output}
        title={trans.__(
          'The variable that receives the rows. Left empty, it is %1; %2 keeps them in none.',
          reserved.output,
          reserved.noOutput
        )}
        defaultValue={name}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            event.currentTarget.blur();
          } else if (event.key === 'Escape') {
            event.currentTarget.value = name;
          }
        }}
        onBlur={event => {
          const input = event.currentTarget;
          const typed = input.value.trim();
          if (typed !== '' && !variableName.test(typed)) {
            input.value = name;
          } else if (typed !== name) {
            onName(typed);
          }
        }}
      />
    </label>
  );
}
