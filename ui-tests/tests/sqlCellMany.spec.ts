import { expect, test } from '@jupyterlab/galata';

import { IntegrationsPage } from '../integrations';
import { SqlCells } from '../sqlCell';

const count = 500;
const fields = { host: '127.0.0.1', port: 9, user: 'me', database: 'shop' };

test.use({ kernels: null });
test.setTimeout(180_000);

for (const mode of ['full', 'defer'] as const) {
  test.describe(`with windowing mode "${mode}"`, () => {
    test.use({
      mockSettings: {
        '@jupyterlab/notebook-extension:tracker': { windowingMode: mode }
      }
    });

    test('500 SQL cells are rendered where they are seen, and typing does not wait for them', async ({
      page
    }, { annotations }) => {
      const integrations = new IntegrationsPage(page);
      await integrations.addDirectly('postgresql', 'Shop', fields);
      const cells = new SqlCells(page);
      await cells.open(
        ...Array.from(
          { length: count },
          (_, index) => `%%sql Shop -o rows_${index}\nSELECT ${index}`
        )
      );
      await page.evaluate(() => {
        const notebook = (
          window.jupyterapp.shell.currentWidget as unknown as {
            content: { activeCellIndex: number };
          }
        ).content;
        notebook.activeCellIndex = 0;
      });
      await expect(cells.at(0).picker).toHaveValue('Shop');
      const pickers = page.locator('.jp-Underpass-sqlHeader select');
      expect(await pickers.count()).toBeLessThan(60);

      await cells.at(0).enter();
      const latencies = await page.evaluate(async () => {
        const frame = () =>
          new Promise<number>(resolve => requestAnimationFrame(resolve));
        const content = document.activeElement!;
        const taken: number[] = [];
        for (let key = 0; key < 30; key++) {
          await frame();
          const start = performance.now();
          document.execCommand('insertText', false, 'x');
          taken.push(performance.now() - start);
        }
        if (content !== document.activeElement) {
          throw new Error('The editor lost the focus.');
        }
        return taken.sort((a, b) => a - b);
      });
      const median = latencies[15];
      annotations.push({
        type: 'typing',
        description: `median ${median?.toFixed(1)} ms`
      });
      await expect
        .poll(async () => (await cells.sources())[0])
        .toBe(`%%sql Shop -o rows_0\nSELECT 0${'x'.repeat(30)}`);

      // What is far below is rendered once it is scrolled to.
      await expect(async () => {
        await page
          .locator(
            '.jp-Notebook .jp-WindowedPanel-outer, .jp-WindowedPanel-outer'
          )
          .first()
          .evaluate(scrolled => {
            scrolled.scrollTop = scrolled.scrollHeight;
          });
        // Where all cells are in the page, JupyterLab makes them bit by bit.
        const last = page
          .locator('.jp-CodeCell')
          .filter({ has: page.locator('.jp-Underpass-sqlHeader') })
          .last();
        const lines = last.locator('.cm-line');
        await expect(lines).toHaveText([/^SELECT [1-9]\d{2}$/]);
        const number = /\d+/.exec((await lines.textContent()) ?? '')?.[0];
        await expect(last.getByLabel('Result in')).toHaveValue(
          `rows_${number}`,
          { timeout: 500 }
        );
      }).toPass({ timeout: 60_000 });
      expect(await pickers.count()).toBeLessThan(120);
      await integrations.remove('Shop');
    });
  });
}
