import type { ICellModel } from '@jupyterlab/cells';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

const sqlMimeType = 'text/x-sql';

/**
 * The MIME type of a cell's editor: SQL while it is an SQL cell, the kernel's language otherwise.
 *
 * Others write it, too: the notebook when its kernel changes, and language servers, which have a MIME type for each
 * dialect. Any SQL one will do; insisting on one of them would be answered by the other side, without end.
 */
export class SqlLanguage implements IDisposable {
  constructor(private readonly _model: ICellModel) {
    _model.mimeTypeChanged.connect(this._apply, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  set isSql(isSql: boolean) {
    this._isSql = isSql;
    this._apply();
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      Signal.clearData(this);
    }
  }

  private _apply(): void {
    const { mimeType } = this._model;
    const showsSql = /sql/.test(mimeType);
    if (!showsSql) {
      this._kernelMimeType = mimeType;
    }
    if (this._isSql && !showsSql) {
      this._model.mimeType = sqlMimeType;
    } else if (!this._isSql && showsSql && this._kernelMimeType !== null) {
      this._model.mimeType = this._kernelMimeType;
    }
  }

  private _isSql = false;
  private _kernelMimeType: string | null = null;
  private _isDisposed = false;
}
