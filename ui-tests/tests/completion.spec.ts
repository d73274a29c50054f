import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { IntegrationsPage } from '../integrations';
import { NotebookPage } from '../notebook';
import { PrivateNetwork } from '../privateNetwork';
import { bothThemes } from '../screenshots';

test.use({ kernels: null });

let network: PrivateNetwork;

test.beforeAll(async () => {
  network = await PrivateNetwork.start();
});

test.afterAll(async () => {
  await network.stop();
});

test.beforeEach(async ({ page }) => {
  test.setTimeout(120_000);
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  await integrations.addDatabase(network, 'My DB');
  await page.notebook.createNew();
  const notebook = new NotebookPage(page);
  const created = await notebook.run(
    '%%sql "My DB"\nCREATE TABLE IF NOT EXISTS orders (order_id int, customer_name text, "Net Total" numeric)'
  );
  await expect(created.last()).toContainText('via tunnel', { timeout: 30_000 });
});

test.afterEach(async ({ page }) => {
  await new IntegrationsPage(page).removeAll();
});

test('tables and columns are chosen with Tab, also while the kernel is busy', async ({
  page
}) => {
  const editor = await newCell(page);
  await page.keyboard.insertText('import time; time.sleep(60)');
  await page.keyboard.press('Control+Enter');

  const sql = await newCell(page);
  await page.keyboard.insertText('%%sql M');
  await page.keyboard.press('Tab');
  await item(page, '"My DB"').click();
  await expect(sql).toContainText('%%sql "My DB"');
  await page.keyboard.press('End');
  await page.keyboard.insertText('\nSELECT * FROM ');
  await page.keyboard.press('Tab');
  // The catalog is read first; nobody has to press it again.
  await expect(item(page, 'orders')).toBeVisible({ timeout: 30_000 });
  await item(page, 'orders').click();
  await page.keyboard.insertText(' o WHERE o.');
  await page.keyboard.press('Tab');
  await expect(items(page)).toHaveText([
    /order_id/,
    /customer_name/,
    /"Net Total"/
  ]);
  await bothThemes(page, 'completion', page.locator('#jp-main-dock-panel'));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(sql).toContainText('FROM orders o WHERE o.customer_name');
  await expect(editor).toContainText('time.sleep(60)');
});

test('a database that does not answer holds up nobody who types', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const { user, password, database } = network.servers.postgresql;
  await integrations.addByService('Silent', {
    fields: { host: '127.0.0.1', port, user, database },
    secrets: { password }
  });
  const sql = await newCell(page);
  await page.keyboard.insertText('%%sql Silent\nSELECT * FROM ');
  const dialled = once(silent, 'connection') as Promise<[Socket]>;
  await page.keyboard.press('Tab');
  const [socket] = await dialled;
  await page.keyboard.type('nowhere WHERE 1 = 1 ORDER');
  await expect(sql).toContainText('FROM nowhere WHERE 1 = 1 ORDER');
  // Keywords do not wait for it.
  await page.keyboard.insertText(' B');
  await page.keyboard.press('Tab');
  await expect(item(page, 'BY')).toBeVisible();
  socket.destroy();
  silent.close();
});

test('in SQL there is nothing of Python, and in braces nothing of SQL', async ({
  page
}) => {
  const notebook = new NotebookPage(page);
  await notebook.run('selected_customer = 7');
  await notebook.kernelIsIdle();
  const sql = await newCell(page);
  await page.keyboard.insertText('%%sql "My DB"\nSELECT 1 sel');
  await page.keyboard.press('Tab');
  await expect(items(page)).toHaveText([/select/]);
  await item(page, 'select').click();
  await expect(sql).toContainText('SELECT 1 select');

  const braces = await newCell(page);
  await page.keyboard.insertText('%%sql "My DB"\nSELECT {{ selected_cus');
  // JupyterLab does not wait for a kernel that completes for the first time.
  await expect(async () => {
    await page.keyboard.press('Tab');
    await expect(item(page, 'selected_customer')).toBeVisible();
  }).toPass({ timeout: 40_000 });
  await item(page, 'selected_customer').click();
  await expect(braces).toContainText('SELECT {{ selected_customer');
});

function items(page: IJupyterLabPageFixture): Locator {
  return page.locator('.jp-Completer:visible .jp-Completer-item');
}

function item(page: IJupyterLabPageFixture, text: string): Locator {
  return items(page).filter({ hasText: text }).first();
}

/** Put the cursor into a new last cell; gives its editor. */
async function newCell(page: IJupyterLabPageFixture): Promise<Locator> {
  const { cells } = new NotebookPage(page);
  const count = await cells.count();
  await page.notebook.selectCells(count - 1);
  await page.keyboard.press('b');
  await expect(cells).toHaveCount(count + 1);
  await page.notebook.enterCellEditingMode(count);
  return cells.nth(count).locator('.cm-content');
}
