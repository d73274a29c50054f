import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

/** What a person sees of the SQL cells of the open notebook. */
export class SqlCells {
  constructor(private readonly _page: IJupyterLabPageFixture) {}

  /** A cell by its place among all cells. */
  at(index: number): SqlCellPage {
    return new SqlCellPage(
      this._page,
      this._page.locator(
        `.jp-Notebook .jp-Cell[data-windowed-list-index="${index}"]`
      )
    );
  }

  /** Open a new notebook with these code cells. */
  async open(...sources: string[]): Promise<void> {
    await this._page.notebook.createNew();
    await this._page.evaluate(texts => {
      const model = window.jupyterapp.shell.currentWidget as unknown as {
        content: {
          model: {
            sharedModel: {
              insertCells(at: number, cells: object[]): void;
              deleteCellRange(from: number, to: number): void;
            };
          };
        };
      };
      const { sharedModel } = model.content.model;
      sharedModel.insertCells(
        0,
        texts.map(source => ({
          cell_type: 'code',
          source,
          metadata: { trusted: true }
        }))
      );
      sharedModel.deleteCellRange(texts.length, texts.length + 1);
    }, sources);
  }

  /** The sources of all cells, as they are kept. */
  async sources(): Promise<string[]> {
    return this._page.evaluate(() => {
      const panel = window.jupyterapp.shell.currentWidget as unknown as {
        content: {
          model: { sharedModel: { cells: { getSource(): string }[] } };
        };
      };
      return panel.content.model.sharedModel.cells.map(cell =>
        cell.getSource()
      );
    });
  }
}

export class SqlCellPage {
  constructor(
    private readonly _page: IJupyterLabPageFixture,
    readonly cell: Locator
  ) {}

  get header(): Locator {
    return this.cell.getByRole('group', { name: 'SQL cell' });
  }

  get picker(): Locator {
    return this.header.getByLabel('Integration');
  }

  get output(): Locator {
    return this.header.getByLabel('Result in');
  }

  get status(): Locator {
    return this.header.locator('.jp-Underpass-sqlStatusText');
  }

  get editor(): Locator {
    return this.cell.locator('.cm-content');
  }

  /** What of the text can be seen. */
  get lines(): Locator {
    return this.editor.locator('.cm-line');
  }

  get pencil(): Locator {
    return this.header.getByRole('button', { name: 'Edit first line' });
  }

  /** Put the cursor at the end of the text. */
  async enter(): Promise<void> {
    await this.lines.last().click();
    await this._page.keyboard.press('Control+End');
  }
}
