import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { HowToUse } from '@underpass/protocol';

import type { INotebookTarget } from './commands';

/** The notebook that the person works in. */
export class CurrentNotebook implements INotebookTarget {
  constructor(private readonly _tracker: INotebookTracker) {}

  get path(): string {
    return this._tracker.currentWidget?.context.path ?? '';
  }

  accepts(language: HowToUse['language']): boolean {
    const panel = this._tracker.currentWidget;
    if (!panel) {
      return false;
    }
    // The SQL magic is Python's.
    return languageOf(panel) === (language === 'sql' ? 'python' : language);
  }

  insert(code: string): void {
    const panel = this._tracker.currentWidget;
    if (panel) {
      insertCode(panel, code);
    }
  }
}

/** Put code below the active cell, or into it while it is empty, ready to be typed in. */
export function insertCode(panel: NotebookPanel, code: string): void {
  const notebook = panel.content;
  const { model, activeCell } = notebook;
  if (!model || model.readOnly) {
    return;
  }
  const isEmpty =
    activeCell?.model.type === 'code' &&
    activeCell.model.sharedModel.getSource().trim() === '';
  if (isEmpty) {
    activeCell.model.sharedModel.setSource(code);
  } else {
    // Not by NotebookActions.insertBelow: it focuses the cell a moment later, and edit mode is lost.
    const index = activeCell ? notebook.activeCellIndex + 1 : 0;
    model.sharedModel.insertCell(index, {
      cell_type: 'code',
      source: code,
      // A person put it there.
      metadata: { trusted: true }
    });
    notebook.activeCellIndex = index;
    notebook.deselectAll();
  }
  const cell = notebook.activeCell;
  if (!cell) {
    return;
  }
  const edit = () => {
    if (notebook.activeCell === cell) {
      notebook.mode = 'edit';
      cell.editor?.focus();
    }
  };
  // In a windowed notebook a new cell has no editor before it came into view.
  void cell.ready.then(() => {
    cell.editor?.setCursorPosition(
      cell.editor.getPositionAt(code.length) ?? { line: 0, column: 0 }
    );
    // Before the panel is activated, which else focuses itself and leaves edit mode.
    edit();
    panel.activate();
    // The palette, as it hides, gives the focus to the notebook in command mode.
    requestAnimationFrame(() => requestAnimationFrame(edit));
  });
}

function languageOf(panel: NotebookPanel): string {
  const language =
    panel.model?.defaultKernelLanguage ||
    (panel.content.codeMimetype.includes('python') ? 'python' : '');
  return language.toLowerCase();
}
