import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

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

test('a slow database does not hold up who types', async ({ page }) => {
  const integrations = new IntegrationsPage(page);
  const slow = await SlowRelay.to(await portOf(page, 'My DB'));
  const { user, password, database } = network.servers.postgresql;
  await integrations.addByService('Slow', {
    fields: { host: '127.0.0.1', port: slow.port, user, database },
    secrets: { password }
  });
  const sql = await newCell(page);
  await page.keyboard.insertText('%%sql Slow\nSELECT * FROM ');
  await page.keyboard.press('Tab');
  await expect.poll(() => slow.connections).toBeGreaterThan(0);
  const began = Date.now();
  await page.keyboard.type('nowhere WHERE 1 = 1 ORDER');
  await expect(sql).toContainText('FROM nowhere WHERE 1 = 1 ORDER');
  expect(Date.now() - began).toBeLessThan(3000);
  // Keywords do not wait for it.
  await page.keyboard.insertText(' B');
  await page.keyboard.press('Tab');
  await expect(item(page, 'BY')).toBeVisible({ timeout: 2000 });
  await slow.close();
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

/** The local port of an integration's tunnel. */
async function portOf(
  page: IJupyterLabPageFixture,
  integration: string
): Promise<number> {
  const answer = await page.request.post('underpass/rpc', {
    data: {
      method: 'underpass/integrations/get',
      params: { integration },
      path: ''
    }
  });
  const { result } = (await answer.json()) as {
    result: { forward: { localPort: number } };
  };
  return result.forward.localPort;
}

/** Carries every byte half a second late. */
class SlowRelay {
  private static readonly _delay = 500;
  private readonly _sockets = new Set<Socket>();
  connections = 0;

  static async to(port: number): Promise<SlowRelay> {
    const relay = new SlowRelay(port);
    relay._server.listen(0, '127.0.0.1');
    await once(relay._server, 'listening');
    return relay;
  }

  private constructor(port: number) {
    this._server = createServer(near => {
      this.connections++;
      const far = connect(port, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near]
      ] as const) {
        this._sockets.add(from);
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
        from.on('data', data =>
          setTimeout(() => to.write(data), SlowRelay._delay)
        );
      }
    });
  }

  get port(): number {
    return (this._server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this._sockets.forEach(socket => socket.destroy());
    this._server.close();
    await once(this._server, 'close');
  }

  private readonly _server: Server;
}
