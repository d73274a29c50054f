import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

/** What a person does in the notebook that is open. */
export class NotebookPage {
  constructor(private readonly _page: IJupyterLabPageFixture) {}

  get cells(): Locator {
    return this._page.locator('.jp-Notebook .jp-CodeCell');
  }

  /** Type into a new last cell and run it; gives what it puts out. */
  async run(code: string): Promise<Locator> {
    const page = this._page;
    const count = await this.cells.count();
    await page.notebook.selectCells(count - 1);
    await page.keyboard.press('b');
    await expect(this.cells).toHaveCount(count + 1);
    await page.notebook.enterCellEditingMode(count);
    await page.keyboard.insertText(code);
    await this.runHere();
    return this.cells.last().locator('.jp-OutputArea-output');
  }

  /** Run the cell that has the cursor. */
  async runHere(): Promise<void> {
    await this.kernelIsIdle();
    await this._page.keyboard.press('Control+Enter');
  }

  /** Before it is, a notebook that was just created runs nothing and says nothing. */
  async kernelIsIdle(): Promise<void> {
    await expect(this._page.locator('#jp-main-statusbar')).toContainText(
      '| Idle',
      { timeout: 30_000 }
    );
  }

  async restartKernel(): Promise<void> {
    const page = this._page;
    const restarted = page.waitForResponse(/\/api\/kernels\/[^/]+\/restart/);
    await page.menu.clickMenuItem('Kernel>Restart Kernel…');
    await page
      .locator('.jp-Dialog')
      .getByRole('button', { name: 'Confirm Kernel Restart' })
      .click();
    await restarted;
  }
}
