import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { IntegrationsPage } from '../integrations';
import { PrivateNetwork } from '../privateNetwork';
import { screenshot } from '../screenshots';

// The second chapter goes on in the workspace of the first one.
test.describe.configure({ mode: 'serial' });

// Tracking kernels, galata answers the restart of one with the status of a creation, which JupyterLab refuses.
test.use({ kernels: null });

let network: PrivateNetwork;

test.beforeAll(async () => {
  network = await PrivateNetwork.start();
});

test.afterAll(async () => {
  await network.stop();
});

test('a database behind a bastion gives a DataFrame', async ({ page }) => {
  const { bastion, postgresql } = network.servers;
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  await expect(integrations.sidebar).toContainText('Connect your first');
  network.authorize(await integrations.publicKey());

  await integrations.fillIn('PostgreSQL', {
    Host: postgresql.host,
    User: postgresql.user,
    Password: postgresql.password,
    Database: postgresql.database,
    'Connect through an SSH bastion': true,
    'SSH host': bastion.host,
    'SSH port': bastion.port
  });
  await expect(integrations.dialog).toContainText('~/.ssh/authorized_keys');

  // What the service refuses is said at the field, and nothing that was typed is lost.
  const refused = integrations.dialog.getByRole('alert');
  await integrations.add();
  await expect(refused).toHaveText('SSH user is required when SSH is on.');
  await expect(integrations.field('SSH user')).toBeFocused();
  await integrations.field('SSH user').fill(bastion.user);
  await integrations.add();
  await expect(integrations.field('Name')).toBeFocused();
  await expect(refused).toHaveCount(1);
  await expect(integrations.field('Password')).toHaveValue(postgresql.password);
  await integrations.field('Name').fill('My DB');
  await integrations.add();

  await expect(integrations.dialog).toContainText('Approve this host key?');
  await expect(integrations.dialog).toContainText(bastion.hostKeyFingerprint);
  await integrations.dialog.getByRole('button', { name: 'Approve' }).click();
  await expect(integrations.item('My DB')).toContainText('Connected since');

  await page.notebook.createNew();
  await integrations.choose('My DB', 'Insert SQL cell');
  await expect(page.locator('.jp-Notebook.jp-mod-editMode')).toBeVisible();
  await page.keyboard.insertText(
    [
      'SELECT product, sum(price * pieces) AS revenue',
      "FROM (VALUES ('Tea', 4.5, 12), ('Coffee', 6.0, 31), ('Tea', 4.5, 8)) AS sales (product, price, pieces)",
      'GROUP BY product',
      'ORDER BY revenue DESC'
    ].join('\n')
  );
  await kernelIsIdle(page);
  await page.keyboard.press('Control+Enter');
  const table = page.locator('.jp-OutputArea-output table');
  await expect(table).toContainText('Coffee', { timeout: 30_000 });
  await expect(table).toContainText('186.0');
  await screenshot(page, 'sql-cell');

  const output = await runPython(
    page,
    'print(type(df).__module__, df["product"].tolist())'
  );
  await expect(output).toHaveText("pandas ['Coffee', 'Tea']");
});

test('the header of an SQL cell and its first line are one', async ({
  page
}) => {
  await page.notebook.createNew();
  await page.notebook.setCell(0, 'code', '%%sql "My DB"\nSELECT 1');
  const header = page.getByRole('group', { name: 'SQL cell' });
  await expect(header.getByLabel('Integration')).toHaveValue('My DB');
  const output = header.getByLabel('Result in');
  await output.fill('rows');
  await output.press('Enter');
  await expect
    .poll(() => page.notebook.getCellTextInput(0))
    .toBe('%%sql "My DB" -o rows\nSELECT 1');
  const editor = page.locator('.jp-CodeCell .cm-content');
  await expect(editor).toHaveAttribute('data-language', 'sql');
  const write = async (source: string) => {
    await page.notebook.enterCellEditingMode(0);
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(source);
  };
  await write('%%sql Other -o two\nSELECT 1');
  await expect(header.getByLabel('Integration')).toHaveValue('Other');
  await expect(header.getByLabel('Result in')).toHaveValue('two');
  await expect(header).toContainText('Unknown integration');
  await header.getByLabel('Integration').selectOption('My DB');
  await expect
    .poll(() => page.notebook.getCellTextInput(0))
    .toBe('%%sql "My DB" -o two\nSELECT 1');
  await write('SELECT = 1');
  await expect(header).toHaveCount(0);
  await expect(editor).toHaveAttribute('data-language', 'python');
});

test('an SSH tunnel leads Python to an HTTP API behind the bastion', async ({
  page
}) => {
  const { bastion, httpapi } = network.servers;
  const integrations = new IntegrationsPage(page);
  await page.notebook.createNew();
  const before = await runPython(
    page,
    'import os; print("MY_SSH_TUNNEL_LOCAL_HOST" in os.environ)'
  );
  await expect(before).toHaveText('False');

  await integrations.open();
  await integrations.fillIn('SSH tunnel', {
    Name: 'My SSH tunnel',
    'SSH host': bastion.host,
    'SSH port': bastion.port,
    'SSH user': bastion.user,
    'Remote host': httpapi.host,
    'Remote port': httpapi.port
  });
  await integrations.add();
  await expect(integrations.item('My SSH tunnel')).toContainText(
    'Connected since'
  );

  await integrations.choose('My SSH tunnel', 'Disconnect');
  await expect(integrations.item('My SSH tunnel')).toContainText(
    'Not in this project'
  );
  await integrations.choose('My SSH tunnel', 'Connect');
  await expect(integrations.item('My SSH tunnel')).toContainText(
    'Connected since'
  );
  await integrations.openMenu('My SSH tunnel');
  await screenshot(page, 'sidebar');
  await page.getByRole('menuitem', { name: 'How to use' }).click();
  await expect(integrations.dialog).toContainText('MY_SSH_TUNNEL_LOCAL_HOST');
  await integrations.dialog.getByRole('button', { name: 'Close' }).click();

  await restartKernel(page);
  const output = await runPython(
    page,
    [
      'import os',
      'import requests',
      'host = os.environ["MY_SSH_TUNNEL_LOCAL_HOST"]',
      'port = os.environ["MY_SSH_TUNNEL_LOCAL_PORT"]',
      `token = "${httpapi.token}"`,
      'answer = requests.get(f"http://{host}:{port}/products", headers={"Authorization": f"Bearer {token}"})',
      'print(answer.status_code, len(answer.json()) > 0)'
    ].join('\n')
  );
  await expect(output).toHaveText('200 True');
});

test('a notebook with SQL cells connects as soon as it is opened, also after the service was killed', async ({
  page,
  tmpPath
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  await page.notebook.createNew('sql.ipynb');
  await page.notebook.setCell(0, 'code', '%%sql "My DB"\nSELECT 1');
  await page.notebook.save();
  await page.notebook.close();
  await integrations.killService();
  await expect(integrations.item('My DB')).toContainText('Ready');

  await page.notebook.openByPath(`${tmpPath}/sql.ipynb`);
  await expect(integrations.item('My DB')).toContainText('Connected since');
});

test('a rejected host key stops the query that waits for it', async ({
  page
}) => {
  const { bastion, postgresql } = network.servers;
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  await integrations.forgetHostKey(bastion);
  await integrations.killService();
  // A service that lived for some seconds only is missed at the next regular look.
  await expect(integrations.item('My DB')).toContainText('Ready', {
    timeout: 30_000
  });

  await page.notebook.createNew();
  await runPython(page, `%%sql "My DB"\nSELECT 1`);
  await expect(integrations.dialog).toContainText(bastion.hostKeyFingerprint);
  await integrations.dialog.getByRole('button', { name: 'Reject' }).click();
  const output = page.locator('.jp-OutputArea-output').last();
  await expect(output).toContainText('host-key-rejected');
  await expect(output).toContainText('underpass hostkey approve');
  await expect(output).not.toContainText(postgresql.password);
  await expect(integrations.item('My DB')).toContainText(
    'was rejected by a person'
  );
});

test('the menu copies variable names, and deletes after asking', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await integrations.open();
  await integrations.choose('My SSH tunnel', 'Copy variable names');
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toContain('MY_SSH_TUNNEL_LOCAL_PORT');

  for (const name of ['My SSH tunnel', 'My DB']) {
    await integrations.choose(name, 'Delete…');
    await expect(integrations.dialog).toContainText(name);
    await integrations.dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(integrations.item(name)).toHaveCount(0);
  }
  await expect(integrations.sidebar).toContainText('Connect your first');
});

/** Run code in a new last cell; gives its output. */
async function runPython(
  page: IJupyterLabPageFixture,
  code: string
): Promise<Locator> {
  const cells = page.locator('.jp-Notebook .jp-CodeCell');
  const count = await cells.count();
  await page.notebook.selectCells(count - 1);
  await page.keyboard.press('b');
  await expect(cells).toHaveCount(count + 1);
  await page.notebook.enterCellEditingMode(count);
  await page.keyboard.insertText(code);
  await kernelIsIdle(page);
  await page.keyboard.press('Control+Enter');
  return cells.last().locator('.jp-OutputArea-output');
}

/** Before it is, a notebook that was just created runs nothing and says nothing. */
async function kernelIsIdle(page: IJupyterLabPageFixture): Promise<void> {
  await expect(page.locator('#jp-main-statusbar')).toContainText('| Idle', {
    timeout: 30_000
  });
}

async function restartKernel(page: IJupyterLabPageFixture): Promise<void> {
  const restarted = page.waitForResponse(/\/api\/kernels\/[^/]+\/restart/);
  await page.menu.clickMenuItem('Kernel>Restart Kernel…');
  await page
    .locator('.jp-Dialog')
    .getByRole('button', { name: 'Confirm Kernel Restart' })
    .click();
  await restarted;
}
