import type { TranslationBundle } from '@jupyterlab/translation';
import { editIcon, ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { Integration } from '@underpass/protocol';
import type { FirstLine } from '@underpass/protocol/sqlCell';
import * as React from 'react';

import { CommandIDs } from '../commandIds';
import type { IIntegrationsModel } from '../tokens';
import type { SqlCell } from './cell';
import { OutputField } from './outputField';
import { ownKeys } from './ownKeys';
import { Picker } from './picker';
import { cellStatus } from './status';

/**
 * The header of an SQL cell: which integration, which output variable, how it stands. A view of the first line that
 * also edits it. Rendered only while it can be seen.
 */
export class SqlCellHeader extends ReactWidget {
  constructor(private readonly _options: SqlCellHeader.IOptions) {
    super();
    const { trans } = _options;
    this.addClass('jp-Underpass-sqlHeader');
    this.node.setAttribute('role', 'group');
    this.node.setAttribute('aria-label', trans.__('SQL cell'));
    this.node.addEventListener('keydown', event => this._onKey(event));
  }

  /** The editor follows the last control, and is where Escape leads. */
  private _onKey(event: KeyboardEvent): void {
    const controls = this.node.querySelectorAll(
      ':is(select, input, button):enabled'
    );
    const isLast = event.target === controls[controls.length - 1];
    const leaves = event.key === 'Tab' && !event.shiftKey && isLast;
    if (leaves || event.key === 'Escape') {
      event.preventDefault();
      this._options.sqlCell.cell.editor?.focus();
    }
  }

  protected render(): JSX.Element {
    const { sqlCell, trans } = this._options;
    const { line } = sqlCell;
    if (!line || !sqlCell.isInSight) {
      return <></>;
    }
    const { integration } = sqlCell;
    const { production, readOnly } = integration?.marks ?? {};
    this.node.dataset.production = String(production === true);
    return (
      <>
        <span className="jp-Underpass-sqlBadge" title={line.text}>
          {trans.__('SQL')}
        </span>
        {this._controls(line)}
        {sqlCell.hidesLine && (
          <button
            {...ownKeys}
            className="jp-Underpass-iconButton"
            title={trans.__('Edit first line')}
            aria-label={trans.__('Edit first line')}
            onClick={() => sqlCell.editLine()}
          >
            <editIcon.react tag="span" elementSize="normal" />
          </button>
        )}
        {production && (
          <span
            className="jp-Underpass-mark"
            data-mark="production"
            title={trans.__('Real data: take care')}
          >
            {trans.__('Production')}
          </span>
        )}
        {readOnly && (
          <span
            className="jp-Underpass-mark"
            title={trans.__('Cells that write are refused')}
          >
            {trans.__('Read-only')}
          </span>
        )}
        {!isPuzzling(line) && this._status(line, integration)}
      </>
    );
  }

  private _controls(line: FirstLine): JSX.Element {
    const { commands, model, sqlCell, trans } = this._options;
    if (isPuzzling(line)) {
      return (
        <span className="jp-Underpass-sqlProblem" data-tone="bad">
          <span className="jp-Underpass-dot" aria-hidden="true" />
          {line.malformed
            ? trans.__('A quote in the first line is not closed.')
            : trans.__(
                'The first line names more than one integration. A name of several words needs quotes.'
              )}
        </span>
      );
    }
    const disabled = sqlCell.cell.readOnly;
    const canAdd = !disabled && commands.isEnabled(CommandIDs.add);
    return (
      <>
        <Picker
          name={line.integration?.value ?? ''}
          model={model}
          trans={trans}
          disabled={disabled}
          onPick={name => sqlCell.setIntegration(name)}
          onAdd={canAdd ? () => void commands.execute(CommandIDs.add) : null}
        />
        <OutputField
          name={line.output?.name?.value ?? ''}
          trans={trans}
          disabled={disabled}
          onName={name => sqlCell.setOutput(name)}
        />
        {line.options.map((option, index) => (
          <code key={index} className="jp-Underpass-sqlOption">
            {option}
          </code>
        ))}
      </>
    );
  }

  private _status(
    line: FirstLine,
    integration: Integration | undefined
  ): JSX.Element {
    const { commands, model, sqlCell, trans } = this._options;
    const status = cellStatus(
      {
        name: line.integration?.value ?? '',
        integration,
        isListed: model.listing !== null,
        execution: sqlCell.execution,
        run: sqlCell.run
      },
      trans
    );
    return (
      <span
        className="jp-Underpass-sqlStatus"
        data-tone={status.tone}
        title={[status.text, status.failure?.fix].filter(Boolean).join('\n')}
      >
        <span className="jp-Underpass-dot" aria-hidden="true" />
        <span
          className="jp-Underpass-sqlStatusText"
          // Not each second of a long query.
          aria-live={sqlCell.execution.kind === 'idle' ? 'polite' : 'off'}
        >
          {status.text}
        </span>
        {status.needsApproval && (
          <button
            {...ownKeys}
            className="jp-Underpass-link"
            onClick={() => void commands.execute(CommandIDs.reviewHostKeys)}
          >
            {trans.__('Review host key…')}
          </button>
        )}
      </span>
    );
  }
}

/** Which integration it means can not be said. */
function isPuzzling({ malformed, surplus }: FirstLine): boolean {
  return malformed || surplus.length > 0;
}

export namespace SqlCellHeader {
  export interface IOptions {
    commands: CommandRegistry;
    model: IIntegrationsModel;
    sqlCell: SqlCell;
    trans: TranslationBundle;
  }
}
