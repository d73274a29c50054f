import type { Cell, ICellModel } from '@jupyterlab/cells';
import type { INotebookTracker, Notebook } from '@jupyterlab/notebook';
import type { CommandRegistry } from '@lumino/commands';
import type { FirstLine } from '@underpass/protocol/sqlCell';
import { parseFirstLine, quote } from '@underpass/protocol/sqlCell';

const splitCommand = 'notebook:split-cell-at-cursor';

/**
 * Where an SQL cell is split, its further parts are SQL cells of the same integration, too: to whom the first line is
 * hidden, it looks like SQL from its beginning. Their results go where those of a new cell go.
 */
export class Splitting {
  constructor(
    commands: CommandRegistry,
    private readonly _notebooks: INotebookTracker
  ) {
    _notebooks.activeCellChanged.connect(this._follow, this);
    commands.commandExecuted.connect(this._onCommand, this);
  }

  private _onCommand(
    _: CommandRegistry,
    { id }: CommandRegistry.ICommandExecutedArgs
  ): void {
    const notebook = this._notebooks.currentWidget?.content;
    if (id === splitCommand && this._cut && notebook) {
      complete(notebook, this._cut);
      this._cut = null;
    }
  }

  private _follow(_: INotebookTracker, cell: Cell | null): void {
    // Splitting makes others active before the cell has lost its line, so each is followed for as long as it lives.
    if (cell && !this._lines.has(cell.model)) {
      this._lines.set(cell.model, lineOf(cell.model));
      cell.model.contentChanged.connect(this._onContent, this);
    }
  }

  /** JupyterLab leaves the last part in the cell, and puts the others into new ones above it. */
  private _onContent(model: ICellModel): void {
    const before = this._lines.get(model);
    const line = lineOf(model);
    this._lines.set(model, line);
    if (before && !line) {
      this._cut = { model, line: before };
      // The command ends before that.
      queueMicrotask(() => {
        this._cut = null;
      });
    }
  }

  private readonly _lines = new WeakMap<ICellModel, FirstLine | null>();
  private _cut: ICut | null = null;
}

/** A cell that has lost its first line. */
interface ICut {
  model: ICellModel;
  line: FirstLine;
}

/** Give a first line to all parts below the one that has it. */
function complete(notebook: Notebook, { model, line }: ICut): void {
  const cells = notebook.model?.cells;
  if (!cells) {
    return;
  }
  const name = line.integration?.value;
  const head = `${line.text.slice(0, line.magicEnd)}${name ? ` ${quote(name)}` : ''}\n`;
  for (let index = [...cells].indexOf(model); index > 0; index--) {
    const part = cells.get(index);
    if (lineOf(part)) {
      return;
    }
    part.sharedModel.updateSource(0, 0, head);
    // Who is in the first line would see it.
    notebook.widgets[index].editor?.setCursorPosition({ line: 1, column: 0 });
  }
}

/** Null where it is no SQL cell of ours. */
function lineOf(model: ICellModel | null): FirstLine | null {
  const line =
    model?.type === 'code'
      ? parseFirstLine(model.sharedModel.getSource())
      : null;
  return line?.foreign ? null : line;
}
