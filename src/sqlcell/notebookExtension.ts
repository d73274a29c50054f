import { CodeCell } from '@jupyterlab/cells';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { INotebookModel, NotebookPanel } from '@jupyterlab/notebook';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { KernelMessage } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { SqlCell } from './cell';
import type { Prewarming } from './prewarming';

/** Pixels around the visible part of a notebook within which cells count as seen: what scrolls in is there already. */
const margin = 300;

/**
 * Gives the SQL cells of every notebook their header and colours, and warms up their tunnels.
 */
export class SqlCellExtension implements DocumentRegistry.IWidgetExtension<
  NotebookPanel,
  INotebookModel
> {
  constructor(
    private readonly _options: SqlCell.IOptions,
    private readonly _createPrewarming: (panel: NotebookPanel) => Prewarming
  ) {}

  createNew(panel: NotebookPanel): IDisposable {
    return new SqlCells(panel, this._options, this._createPrewarming(panel));
  }
}

/**
 * The SQL cells of one notebook. Listens for all of them to what is not about one cell alone, and tells those that can
 * be seen.
 */
class SqlCells implements IDisposable {
  constructor(
    private readonly _panel: NotebookPanel,
    private readonly _options: SqlCell.IOptions,
    private readonly _prewarming: Prewarming
  ) {
    this._observer = new IntersectionObserver(
      entries => this._onSight(entries),
      { root: _panel.content.outerNode, rootMargin: `${margin}px` }
    );
    _options.model.changed.connect(this._refresh, this);
    _options.preferences.changed.connect(this._refresh, this);
    _panel.sessionContext.iopubMessage.connect(this._onMessage, this);
    _panel.content.modelContentChanged.connect(this._onContent, this);
    void _panel.context.ready.then(() => this._onContent());
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    Signal.clearData(this);
    this._observer.disconnect();
    this._prewarming.dispose();
    this._cells.forEach(cell => cell.dispose());
    this._cells.clear();
  }

  /** The model tells of a new cell before the notebook has made its widget. */
  private _onContent(): void {
    if (!this._isScanning) {
      this._isScanning = true;
      queueMicrotask(() => {
        this._isScanning = false;
        this._scan();
      });
    }
  }

  /** Cells that are new. In a windowed notebook a cell is a placeholder until it comes into view. */
  private _scan(): void {
    if (this._isDisposed) {
      return;
    }
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
    const { node } = cell;
    this._cells.set(node, new SqlCell(cell, this._options));
    this._observer.observe(node);
    cell.disposed.connect(() => {
      this._cells.delete(node);
      this._observer.unobserve(node);
    });
  }

  private _onSight(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const cell = this._cells.get(target);
      if (cell) {
        cell.isInSight = isIntersecting;
      }
    }
  }

  private _refresh(): void {
    this._cells.forEach(cell => cell.refresh());
  }

  private _onMessage(
    _: ISessionContext,
    { header, parent_header }: KernelMessage.IMessage
  ): void {
    if (header.msg_type === 'execute_input' && 'msg_id' in parent_header) {
      const { msg_id } = parent_header;
      this._cells.forEach(cell => cell.began(msg_id));
    }
  }

  private readonly _observer: IntersectionObserver;
  private readonly _seen = new WeakSet<CodeCell>();
  private readonly _cells = new Map<Element, SqlCell>();
  private _isScanning = false;
  private _isDisposed = false;
}
