import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { NotebookActions } from '@jupyterlab/notebook';
import type { HowToUse } from '@underpass/protocol';

import type { INotebookTarget } from './commands';

/** The notebook that the person works in. */
export class CurrentNotebook implements INotebookTarget {
  constructor(private readonly _tracker: INotebookTracker) {}

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
      insertBelow(panel, code);
    }
  }
}

/** A new code cell below the active one, ready to be typed in. */
export function insertBelow(panel: NotebookPanel, code: string): void {
  const notebook = panel.content;
  NotebookActions.insertBelow(notebook);
  NotebookActions.changeCellType(notebook, 'code');
  notebook.activeCell?.model.sharedModel.setSource(code);
  notebook.mode = 'edit';
  const editor = notebook.activeCell?.editor;
  const lines = code.split('\n');
  editor?.setCursorPosition({
    line: lines.length - 1,
    column: lines[lines.length - 1].length
  });
  panel.activate();
}

function languageOf(panel: NotebookPanel): string {
  const language =
    panel.model?.defaultKernelLanguage ||
    (panel.content.codeMimetype.includes('python') ? 'python' : '');
  return language.toLowerCase();
}
