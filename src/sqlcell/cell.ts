import type { CodeCell, ICellModel } from '@jupyterlab/cells';
import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { PanelLayout } from '@lumino/widgets';

import type { Edit, FirstLine } from './firstLine';
import { parseFirstLine } from './firstLine';
import type { SqlCellHeader } from './header';
import { SqlLanguage } from './language';

/**
 * Keeps the header and the colours of one cell in step with its first line. Nothing about the cell is stored
 * anywhere but in that line.
 */
export class SqlCell implements IDisposable {
  /** @param createHeader makes the header when the cell becomes an SQL cell */
  constructor(
    readonly cell: CodeCell,
    languages: IEditorLanguageRegistry,
    private readonly _createHeader: (cell: SqlCell) => SqlCellHeader
  ) {
    this._language = new SqlLanguage(cell.model, languages);
    cell.model.contentChanged.connect(this._update, this);
    cell.disposed.connect(this.dispose, this);
    this._update(cell.model);
  }

  /** The parsed first line; null while this is no SQL cell. */
  get line(): FirstLine | null {
    return this._line;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  edit({ start, end, text }: Edit): void {
    this.cell.model.sharedModel.updateSource(start, end, text);
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    Signal.clearData(this);
    this._language.dispose();
    this._header?.dispose();
    this._header = null;
  }

  private _update({ sharedModel }: Pick<ICellModel, 'sharedModel'>): void {
    this._line = parseFirstLine(sharedModel.getSource());
    this._language.isSql = this._line !== null;
    if (!this._line) {
      this._header?.dispose();
      this._header = null;
      return;
    }
    if (!this._header) {
      this._header = this._createHeader(this);
      // Below the cell's own header, above its input.
      (this.cell.layout as PanelLayout).insertWidget(1, this._header);
    }
    this._header.update();
  }

  private readonly _language: SqlLanguage;
  private _line: FirstLine | null = null;
  private _header: SqlCellHeader | null = null;
  private _isDisposed = false;
}
