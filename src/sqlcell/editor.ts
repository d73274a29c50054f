import type { CodeCell } from '@jupyterlab/cells';
import { CodeMirrorEditor } from '@jupyterlab/codemirror';
import { Compartment } from '@codemirror/state';

import { expressions } from './expressions';
import { editFirstLine, hiddenLine, hideFirstLine } from './hiddenLine';

/**
 * What an SQL cell's editor has besides that of other cells. Added when it is needed first, and empty while it is not.
 */
export class SqlEditor {
  constructor(private readonly _cell: CodeCell) {}

  /**
   * Becomes so in a moment: it is asked for while the editor tells of a change, when it takes none.
   *
   * @param hides a header shows the first line
   */
  update(isSql: boolean, hides: boolean): void {
    if (isSql === this._wanted.isSql && hides === this._wanted.hides) {
      return;
    }
    this._wanted = { isSql, hides };
    queueMicrotask(() => this._apply());
  }

  editFirstLine(): void {
    const { editor } = this._cell;
    if (editor instanceof CodeMirrorEditor) {
      editFirstLine(editor.editor);
    }
  }

  private _apply(): void {
    const { editor, isDisposed } = this._cell;
    if (isDisposed || !(editor instanceof CodeMirrorEditor)) {
      return;
    }
    const { isSql, hides } = this._wanted;
    if (isSql !== this._isSql) {
      this._isSql = isSql;
      const extension = isSql
        ? [expressions, hiddenLine(() => editor.edgeRequested.emit('top'))]
        : [];
      if (this._isInjected) {
        const effects = this._compartment.reconfigure(extension);
        editor.editor.dispatch({ effects });
      } else {
        this._isInjected = true;
        editor.injectExtension(this._compartment.of(extension));
      }
    }
    if (isSql) {
      hideFirstLine(editor.editor, hides);
    }
  }

  private readonly _compartment = new Compartment();
  private _isInjected = false;
  private _isSql = false;
  private _wanted = { isSql: false, hides: false };
}
