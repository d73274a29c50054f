import type { ICellModel } from '@jupyterlab/cells';
import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import { Signal } from '@lumino/signaling';

/** Milliseconds in which others may come to see what the cell is now, before they are answered once more. */
const patience = 300;
/** Answers to others without a change of the cell. */
const mostAnswers = 5;

/**
 * The MIME type of a cell's editor: that of its dialect while it is an SQL cell, the kernel's language otherwise.
 *
 * Others write it, too: the notebook when its kernel changes, and language servers, which have a MIME type for each
 * dialect. Once ours was set, any SQL one will do; insisting on ours would be answered by the other side, without end.
 * For the same reason they are answered slowly: a language server writes what it knew of the cell before its last edit.
 */
export class SqlLanguage implements IDisposable {
  constructor(
    private readonly _model: ICellModel,
    private readonly _languages: IEditorLanguageRegistry
  ) {
    this._answer = new Debouncer(() => this._apply(), patience);
    _model.mimeTypeChanged.connect(this._onChanged, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** The MIME type to have; null for the kernel's. */
  set mimeType(mimeType: string | null) {
    this._answers = 0;
    if (mimeType === this._target) {
      return;
    }
    this._rememberKernels();
    this._target = mimeType;
    this._apply();
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._answer.dispose();
      Signal.clearData(this);
    }
  }

  private _onChanged(): void {
    this._rememberKernels();
    if (this._wanted() === null || this._answers === mostAnswers) {
      return;
    }
    const isFirst = this._answers++ === 0;
    if (isFirst) {
      this._apply();
    } else {
      void this._answer.invoke();
    }
  }

  private _apply(): void {
    void this._switch();
  }

  /** Change the MIME type if it is another one than it should be. */
  private async _switch(): Promise<void> {
    this._rememberKernels();
    if (this._wanted() === null) {
      return;
    }
    // The editor is loading the language of the present type, maybe. What it loads last wins, not what was set last.
    await this._languages.getLanguage(this._model.mimeType).catch(() => null);
    const wanted = this._wanted();
    if (wanted !== null && !this._isDisposed) {
      this._applied = this._target;
      this._model.mimeType = wanted;
    }
  }

  private _rememberKernels(): void {
    const { mimeType } = this._model;
    const { _applied, _target } = this;
    if (![_applied, _target].includes(mimeType) && !isSqlMimeType(mimeType)) {
      this._kernelMimeType = mimeType;
    }
  }

  /** The MIME type to change to; null where the present one will do. */
  private _wanted(): string | null {
    const { mimeType } = this._model;
    const { _applied, _kernelMimeType, _target } = this;
    const isSql = isSqlMimeType(mimeType);
    if (_target === null) {
      const isOurs = isSql || mimeType === _applied;
      return isOurs && mimeType !== _kernelMimeType ? _kernelMimeType : null;
    }
    const willDo = mimeType === _target || (_applied === _target && isSql);
    return willDo ? null : _target;
  }

  private readonly _answer: Debouncer;
  private _answers = 0;
  private _target: string | null = null;
  /** What was set last: another one is by somebody else. */
  private _applied: string | null = null;
  private _kernelMimeType: string | null = null;
  private _isDisposed = false;
}

function isSqlMimeType(mimeType: string): boolean {
  return /sql|mariadb/.test(mimeType);
}
