import type { TranslationBundle } from '@jupyterlab/translation';
import { HTMLSelect } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IIntegrationsModel } from '../tokens';
import { ownKeys } from './ownKeys';
import { isDataFrames, reserved } from './names';

/** Value of the entry that is no integration; none can be called so. */
const addValue = '\n';

export interface IPickerProps {
  /** As the first line names it; '' where it does not. */
  name: string;
  model: IIntegrationsModel;
  trans: TranslationBundle;
  disabled: boolean;
  onPick: (name: string) => void;
  /** Null where nothing can be added. */
  onAdd: (() => void) | null;
}

/** Chooses the integration that a cell queries. Names that are not known stay, and are marked. */
export function Picker(props: IPickerProps): JSX.Element {
  const { name, model, trans, disabled, onPick, onAdd } = props;
  const names = model.databases.map(database => database.name);
  const found = name ? model.find(name) : undefined;
  const value = isDataFrames(name)
    ? reserved.dataFrames
    : (found?.name ?? name);
  const isOffered = names.includes(value) || isDataFrames(value);
  const isMarked = value !== '' && !isOffered && model.listing !== null;
  return (
    <HTMLSelect
      {...ownKeys}
      aria-label={trans.__('Integration')}
      aria-invalid={isMarked}
      title={trans.__('The integration that this cell queries')}
      value={value}
      disabled={disabled}
      onChange={({ target }) => {
        if (target.value === addValue) {
          onAdd?.();
        } else if (target.value) {
          onPick(target.value);
        }
      }}
    >
      {!value && <option value="">{trans.__('Choose integration…')}</option>}
      {value && !isOffered && (
        <option value={value}>
          {!isMarked
            ? value
            : found
              ? trans.__('%1 (not in this project)', value)
              : trans.__('%1 (unknown)', value)}
        </option>
      )}
      {names.map(offered => (
        <option key={offered} value={offered}>
          {offered}
        </option>
      ))}
      <option value={reserved.dataFrames}>
        {trans.__('DataFrames (DuckDB)')}
      </option>
      {onAdd && (
        <option value={addValue}>{trans.__('Add integration…')}</option>
      )}
    </HTMLSelect>
  );
}
