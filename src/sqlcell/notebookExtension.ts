import { CodeCell } from '@jupyterlab/cells';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { INotebookModel, NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';

import type { SqlCell } from './cell';
import type { Prewarming } from './prewarming';

/**
 * Gives the SQL cells of every notebook their header and colours, and warms up their tunnels.
 */
export class SqlCellExtension implements DocumentRegistry.IWidgetExtension<
  NotebookPanel,
  INotebookModel
> {
  constructor(
    private readonly _createCell: (cell: CodeCell) => SqlCell,
    private readonly _createPrewarming: (panel: NotebookPanel) => Prewarming
  ) {}

  createNew(panel: NotebookPanel): IDisposable {
    return new SqlCells(panel, this._createCell, this._createPrewarming(panel));
  }
}

/** The SQL cells of one notebook. */
class SqlCells implements IDisposable {
  constructor(
    private readonly _panel: NotebookPanel,
    private readonly _createCell: (cell: CodeCell) => SqlCell,
    private readonly _prewarming: Prewarming
  ) {
    _panel.content.modelContentChanged.connect(this._scan, this);
    void _panel.context.ready.then(() => this._scan());
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._panel.content.modelContentChanged.disconnect(this._scan, this);
    this._prewarming.dispose();
    this._cells.forEach(cell => cell.dispose());
    this._cells.clear();
  }

  /** Cells that are new. In a windowed notebook a cell is a placeholder until it comes into view. */
  private _scan(): void {
    for (const cell of this._panel.content.widgets) {
      if (cell instanceof CodeCell && !this._seen.has(cell)) {
        this._seen.add(cell);
        void cell.ready.then(() => this._decorate(cell));
      }
    }
  }

  private _decorate(cell: CodeCell): void {
    if (cell.isDisposed || this._isDisposed) {
      return;
    }
    const sqlCell = this._createCell(cell);
    this._cells.add(sqlCell);
    cell.disposed.connect(() => this._cells.delete(sqlCell));
  }

  private readonly _seen = new WeakSet<CodeCell>();
  private readonly _cells = new Set<SqlCell>();
  private _isDisposed = false;
}
