import type { Cell } from '@jupyterlab/cells';
import type { Notebook, NotebookPanel } from '@jupyterlab/notebook';
import { NotebookActions } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { parseFirstLine } from '@underpass/protocol/sqlCell';

import type { IIntegrationsModel } from '../tokens';
import { isDataFrames } from './names';

/**
 * Opens the tunnels of one notebook's SQL cells ahead: when the notebook opens, and when a cell waits for its turn.
 * Only to save time; the kernel makes sure of the tunnel itself.
 */
export class Prewarming implements IDisposable {
  constructor(
    private readonly _panel: NotebookPanel,
    private readonly _model: IIntegrationsModel,
    private readonly _enabled: () => boolean
  ) {
    NotebookActions.executionScheduled.connect(this._onScheduled, this);
    void _panel.context.ready.then(() => this._onOpened());
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      NotebookActions.executionScheduled.disconnect(this._onScheduled, this);
    }
  }

  private _onOpened(): void {
    if (!this._isDisposed) {
      const { cells } = this._panel.content.model!.sharedModel;
      this._prewarm(cells.map(cell => cell.getSource()));
    }
  }

  private _onScheduled(
    _: unknown,
    { notebook, cell }: { notebook: Notebook; cell: Cell }
  ): void {
    if (notebook === this._panel.content) {
      this._prewarm([cell.model.sharedModel.getSource()]);
    }
  }

  private _prewarm(sources: readonly string[]): void {
    const names = sources.flatMap(source => {
      const line = parseFirstLine(source);
      const name = line?.foreign ? undefined : line?.integration?.value;
      return name === undefined || isDataFrames(name) ? [] : [name];
    });
    if (names.length === 0 || !this._enabled() || !this._model.may('execute')) {
      return;
    }
    this._model
      .request(
        'underpass/integrations/prewarm',
        { integrations: [...new Set(names)] },
        this._panel.context.path
      )
      .catch(reason => {
        // The cell itself reports what is wrong.
        console.debug('Underpass did not open a tunnel ahead:', reason);
      });
  }

  private _isDisposed = false;
}
