import type { ICellModel } from '@jupyterlab/cells';
import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
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
  constructor(
    private readonly _model: ICellModel,
    private readonly _languages: IEditorLanguageRegistry
  ) {
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
    void this._switch();
  }

  /** Change the MIME type if it is another one than it should be. */
  private async _switch(): Promise<void> {
    const { mimeType } = this._model;
    if (!isSqlMimeType(mimeType)) {
      this._kernelMimeType = mimeType;
    }
    if (this._wanted() === null) {
      return;
    }
    // The editor is loading the language of the present type, maybe. What it loads last wins, not what was set last.
    await this._languages.getLanguage(mimeType).catch(() => null);
    const wanted = this._wanted();
    if (wanted !== null && !this._isDisposed) {
      this._model.mimeType = wanted;
    }
  }

  /** The MIME type to change to; null where the present one will do. */
  private _wanted(): string | null {
    if (this._isSql === isSqlMimeType(this._model.mimeType)) {
      return null;
    }
    return this._isSql ? sqlMimeType : this._kernelMimeType;
  }

  private _isSql = false;
  private _kernelMimeType: string | null = null;
  private _isDisposed = false;
}

function isSqlMimeType(mimeType: string): boolean {
  return /sql/.test(mimeType);
}
