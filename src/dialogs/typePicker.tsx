import type { TranslationBundle } from '@jupyterlab/translation';
import type { IntegrationType } from '@underpass/protocol';
import * as React from 'react';

export interface ITypePickerProps {
  types: readonly IntegrationType[];
  onChoose: (type: IntegrationType) => void;
  trans: TranslationBundle;
}

/** All types of integration, one button each. */
export function TypePicker(props: ITypePickerProps): JSX.Element {
  const { types, trans } = props;
  const of = (kind: IntegrationType['kind']) =>
    types.filter(type => type.kind === kind);
  return (
    <>
      <Group
        {...props}
        types={of('database')}
        title={trans.__('Databases')}
        hint={trans.__('With SQL cells.')}
      />
      <Group
        {...props}
        types={of('tunnel')}
        title={trans.__('Other services')}
        hint={trans.__('A local port to any TCP service behind a bastion.')}
      />
    </>
  );
}

function Group({
  types,
  onChoose,
  title,
  hint
}: ITypePickerProps & { title: string; hint: string }): JSX.Element {
  const id = React.useId();
  return (
    <section
      className="jp-Underpass-types"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-hint`}
    >
      <h3 id={`${id}-title`}>{title}</h3>
      <p id={`${id}-hint`}>{hint}</p>
      <ul>
        {types.map(type => (
          <li key={type.id}>
            <button
              type="button"
              className="jp-Underpass-type"
              onClick={() => onChoose(type)}
            >
              {type.label}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
