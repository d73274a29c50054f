import { expect, test } from '@jupyterlab/galata';

import { IntegrationsPage } from '../integrations';
import { NotebookPage } from '../notebook';
import { PrivateNetwork } from '../privateNetwork';

// Each goes on in the workspace of the one before.
test.describe.configure({ mode: 'serial' });

let network: PrivateNetwork;

test.beforeAll(async () => {
  network = await PrivateNetwork.start();
});

test.afterAll(async () => {
  await network.stop();
});

test('the header of an SQL cell and its first line are one', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  await integrations.addDatabase(network, 'My DB');
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
  await new NotebookPage(page).run(`%%sql "My DB"\nSELECT 1`);
  await expect(integrations.dialog).toContainText(bastion.hostKeyFingerprint);
  await integrations.dialog.getByRole('button', { name: 'Reject' }).click();
  const output = page.locator('.jp-OutputArea-output').last();
  await expect(output).toContainText('host-key-rejected');
  await expect(output).toContainText('underpass hostkey approve');
  await expect(output).not.toContainText(postgresql.password);
  await expect(integrations.item('My DB')).toContainText(
    'was rejected by a person'
  );
  await integrations.remove('My DB');
});
