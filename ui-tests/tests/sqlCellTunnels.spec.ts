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

test('a notebook with SQL cells connects as soon as it is opened, also after the service was killed', async ({
  page,
  tmpPath
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  await integrations.addDatabase(network, 'My DB');
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
