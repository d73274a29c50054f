import { expect, test } from '@jupyterlab/galata';

import { IntegrationsPage } from '../integrations';
import { NotebookPage } from '../notebook';
import { PrivateNetwork } from '../privateNetwork';
import { bothThemes } from '../screenshots';
import { SqlCells } from '../sqlCell';

test.use({ kernels: null });

let network: PrivateNetwork;

test.beforeAll(async () => {
  network = await PrivateNetwork.start();
});

test.afterAll(async () => {
  await network.stop();
});

test('the header says how a cell runs and what came of it', async ({
  page
}) => {
  test.setTimeout(120_000);
  const integrations = new IntegrationsPage(page);
  const notebook = new NotebookPage(page);
  await integrations.open();
  await integrations.addDatabase(network, 'My DB');
  await page.sidebar.close('right');

  const cells = new SqlCells(page);
  await cells.open(
    '%%sql "My DB"\nSELECT i, i * i AS square FROM generate_series(1, 1234) AS i',
    '%%sql "My DB" -o _\nSELECT pg_sleep(6)',
    '%%sql "My DB"\nSELECT * FROM nowhere',
    'sql_df.shape'
  );
  const [query, slow, wrong] = [cells.at(0), cells.at(1), cells.at(2)];
  await notebook.kernelIsIdle();
  await expect(query.status).toHaveText('Ready');

  await query.enter();
  await page.keyboard.press('Control+Enter');
  await expect(query.status).toHaveText(
    /^1,234 rows × 2 columns · \d+\.\d\d s · via tunnel$/,
    { timeout: 30_000 }
  );
  await expect(query.output).toHaveAttribute('placeholder', 'sql_df');

  await slow.enter();
  await page.keyboard.press('Control+Enter');
  await wrong.enter();
  await page.keyboard.press('Control+Enter');
  await expect(slow.status).toHaveText(/^Running.* 2 s$/);
  // It waits for its turn: its time has not begun.
  await expect(wrong.status).toHaveText('Waiting for the kernel…');
  await bothThemes(page, 'sql-cell-running', page.locator('.jp-Notebook'));
  await expect(slow.status).toHaveText(/^1 row × 1 column · 6(\.\d+)? s/);
  await expect(wrong.status).toHaveText('Failed');

  await cells.at(3).enter();
  await page.keyboard.press('Control+Enter');
  await expect(cells.at(3).cell.locator('.jp-OutputArea-output')).toHaveText(
    '(1234, 2)'
  );

  // Stop.
  await slow.enter();
  await page.keyboard.press('Control+Enter');
  await expect(slow.status).toHaveText(/^Running.* 2 s$/);
  await page.evaluate(() =>
    window.jupyterapp.commands
      .execute('notebook:interrupt-kernel')
      .then(() => undefined)
  );
  await expect(slow.status).toHaveText(/Stopped|Failed/);
  await integrations.remove('My DB');
});
