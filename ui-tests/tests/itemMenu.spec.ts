import { expect, test } from '@jupyterlab/galata';

import { IntegrationsPage } from '../integrations';
import { NotebookPage } from '../notebook';
import { PrivateNetwork } from '../privateNetwork';

// Tracking kernels, galata answers the restart of one with the status of a creation, which JupyterLab refuses.
test.use({ kernels: null });

let network: PrivateNetwork;

test.beforeAll(async () => {
  network = await PrivateNetwork.start();
});

test.afterAll(async () => {
  await network.stop();
});

test('the menu disconnects, connects, copies variable names, and deletes after asking', async ({
  page
}) => {
  const { bastion, httpapi } = network.servers;
  const integrations = new IntegrationsPage(page);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await integrations.open();
  await expect(integrations.sidebar).toContainText('Connect your first');
  await integrations.addDatabase(network, 'My DB');
  await integrations.addDirectly('ssh-tunnel', 'My SSH tunnel', {
    sshHost: bastion.host,
    sshPort: bastion.port,
    sshUser: bastion.user,
    remoteHost: httpapi.host,
    remotePort: httpapi.port
  });

  const item = integrations.item('My SSH tunnel');
  await expect(item).toContainText('Ready');
  await integrations.choose('My SSH tunnel', 'Disconnect');
  await expect(item).toContainText('Not in this project');
  await page.notebook.createNew();
  const notebook = new NotebookPage(page);
  const code = 'import os; print("MY_SSH_TUNNEL_LOCAL_HOST" in os.environ)';
  await expect(await notebook.run(code)).toHaveText('False');
  await integrations.choose('My SSH tunnel', 'Connect');
  await expect(item).toContainText('Connected since');
  await notebook.restartKernel();
  await expect(await notebook.run(code)).toHaveText('True');

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
