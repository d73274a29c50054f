import type { TranslationBundle } from '@jupyterlab/translation';
import { HTMLSelect, ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IStatus } from '../sidebar/status';
import { statusOf } from '../sidebar/status';
import type { IIntegrationsModel } from '../tokens';
import type { SqlCell } from './cell';
import type { FirstLine } from './firstLine';
import { setIntegration, setOutput } from './firstLine';

/** What Python takes as a name. */
const variableName = /^[\p{L}_][\p{L}\p{N}_]*$/u;

/**
 * The header of an SQL cell: which integration, which output variable, how the way there stands. A view of the
 * first line that also edits it.
 */
export class SqlCellHeader extends ReactWidget {
  constructor(private readonly _options: SqlCellHeader.IOptions) {
    super();
    const { model, trans } = _options;
    this.addClass('jp-Underpass-sqlHeader');
    this.node.setAttribute('role', 'group');
    this.node.setAttribute('aria-label', trans.__('SQL cell'));
    // Keys typed into the picker are not the notebook's shortcuts.
    this.node.setAttribute('data-lm-suppress-shortcuts', 'true');
    model.changed.connect(this.update, this);
  }

  protected render(): JSX.Element {
    const { sqlCell, trans } = this._options;
    const { line } = sqlCell;
    if (!line) {
      return <></>;
    }
    if (line.malformed) {
      return (
        <span className="jp-Underpass-sqlStatus" data-tone="bad">
          {trans.__('A quote in the first line is not closed.')}
        </span>
      );
    }
    return (
      <>
        <span className="jp-Underpass-sqlBadge">{trans.__('SQL')}</span>
        {this._picker(line)}
        {this._output(line)}
        {this._status(line)}
      </>
    );
  }

  private _picker(line: FirstLine): JSX.Element {
    const { model, sqlCell, trans } = this._options;
    const named = line.integration?.value ?? '';
    const current = named ? model.find(named) : undefined;
    const names = model.databases.map(({ name }) => name);
    const value = current?.name ?? named;
    return (
      <HTMLSelect
        aria-label={trans.__('Integration')}
        title={trans.__('The integration that this cell queries')}
        value={value}
        onChange={event => {
          if (event.target.value) {
            sqlCell.edit(setIntegration(line, event.target.value));
          }
        }}
      >
        {!value && <option value="">{trans.__('Choose integration…')}</option>}
        {value && !names.includes(value) && (
          <option value={value}>{value}</option>
        )}
        {names.map(name => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </HTMLSelect>
    );
  }

  private _output(line: FirstLine): JSX.Element {
    const { sqlCell, trans } = this._options;
    const name = line.output?.name?.value ?? '';
    return (
      <label className="jp-Underpass-sqlOutput">
        <span>{trans.__('Result in')}</span>
        <input
          // Another name in the line is another input: what is being typed here is not a name yet.
          key={name}
          type="text"
          size={Math.max(name.length, 10)}
          spellCheck={false}
          placeholder={trans.__('nothing')}
          title={trans.__('The variable that receives the result')}
          defaultValue={name}
          onKeyDown={event => {
            if (event.key === 'Enter') {
              event.currentTarget.blur();
            }
          }}
          onBlur={event => {
            const input = event.currentTarget;
            const typed = input.value.trim();
            if (typed !== '' && !variableName.test(typed)) {
              input.value = name;
            } else if (typed !== name) {
              sqlCell.edit(setOutput(line, typed));
            }
          }}
        />
      </label>
    );
  }

  private _status(line: FirstLine): JSX.Element {
    const { onReview, trans } = this._options;
    const status = this._statusOf(line);
    return (
      <span
        className="jp-Underpass-sqlStatus"
        data-tone={status.tone}
        title={[status.text, status.failure?.fix].filter(Boolean).join('\n')}
      >
        <span className="jp-Underpass-dot" aria-hidden="true" />
        <span className="jp-Underpass-sqlStatusText">{status.text}</span>
        {status.needsApproval && (
          <button className="jp-Underpass-link" onClick={onReview}>
            {trans.__('Review host key…')}
          </button>
        )}
      </span>
    );
  }

  private _statusOf(line: FirstLine): IStatus {
    const { model, trans } = this._options;
    const name = line.integration?.value;
    const integration = name ? model.find(name) : undefined;
    if (integration) {
      return statusOf(integration, trans);
    }
    return {
      tone: name && model.listing ? 'attention' : 'quiet',
      text: name && model.listing ? trans.__('Unknown integration') : '',
      failure: null,
      needsApproval: false,
      retry: false
    };
  }
}

export namespace SqlCellHeader {
  export interface IOptions {
    model: IIntegrationsModel;
    sqlCell: SqlCell;
    trans: TranslationBundle;
    onReview: () => void;
  }
}
