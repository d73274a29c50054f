import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, test } from '@jupyterlab/galata';

import { IntegrationsPage } from '../integrations';
import { PrivateNetwork } from '../privateNetwork';
import { bothThemes } from '../screenshots';

test.describe.configure({ mode: 'serial' });

const stages = [
  'Find the address of the server',
  'Connect to it',
  'Agree on encryption with the bastion',
  'Check the host key',
  'Log in to the bastion',
  'Reach the service behind the bastion',
  'Check TLS',
  'Log in to the database',
  'Run a query'
];

let network: PrivateNetwork;

test.beforeAll(async () => {
  network = await PrivateNetwork.start();
});

test.afterAll(async () => {
  await network.stop();
});

/** Add a database behind the bastion, without the form. */
async function addDatabase(
  page: IJupyterLabPageFixture,
  name: string,
  fields: object = {},
  secrets: object = {}
): Promise<void> {
  const { bastion, postgresql } = network.servers;
  const answer = await page.request.post('underpass/rpc', {
    data: {
      method: 'underpass/integrations/add',
      params: {
        type: 'postgresql',
        name,
        fields: {
          host: postgresql.host,
          port: postgresql.port,
          user: postgresql.user,
          database: postgresql.database,
          sshEnabled: true,
          sshHost: bastion.host,
          sshPort: bastion.port,
          sshUser: bastion.user,
          ...fields
        },
        secrets: { password: postgresql.password, ...secrets }
      },
      path: ''
    }
  });
  expect(await answer.json()).toHaveProperty('result');
}

test('the stages of a test tick as they pass, and a host key is asked about in between', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  network.authorize(await integrations.publicKey());
  await addDatabase(page, 'Works');
  await integrations.choose('Works', 'Test connection');
  const { dialog } = integrations;
  const { bastion } = network.servers;
  await expect(dialog).toContainText('waiting for approval');
  await expect(dialog).toContainText(bastion.hostKeyFingerprint);
  const passed = dialog.locator('[data-state=passed]');
  await expect(passed).toHaveCount(3);
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await expect(dialog).toContainText('The connection works.');
  await expect(passed).toHaveCount(stages.length);
  for (const stage of stages) {
    await expect(dialog).toContainText(stage);
  }
  await expect(dialog).toContainText(`Logged in as ${bastion.user}`);
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toHaveCount(0);
  await bothThemes(
    page,
    'test-connection',
    dialog.locator('.jp-Dialog-content')
  );
  await dialog.getByRole('button', { name: 'Close' }).click();
  // The question that the test has asked is not asked again.
  await expect(dialog).toHaveCount(0);
});

test('the stage that fails shows what to do, and what can be copied', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  const { dialog } = integrations;
  await addDatabase(page, 'Wrong password', {}, { password: 'wrong' });
  await integrations.choose('Wrong password', 'Test connection');
  await expect(dialog.getByRole('alert')).toContainText(
    'Check user and password of the integration.'
  );
  await expect(dialog.locator('[data-state=failed]')).toContainText(
    'Log in to the database'
  );
  await expect(dialog.locator('[data-state=waiting]')).toHaveText(
    /Run a query/
  );
  await bothThemes(
    page,
    'test-connection-login',
    dialog.locator('.jp-Dialog-content')
  );
  await dialog.getByRole('button', { name: 'Close' }).click();

  await addDatabase(page, 'Wrong user', { sshUser: 'nobody-there' });
  await integrations.choose('Wrong user', 'Test connection');
  await expect(dialog.locator('[data-state=failed]')).toContainText(
    'Log in to the bastion'
  );
  await expect(dialog.locator('.jp-Underpass-publicKey pre')).toHaveText(
    /^ssh-ed25519 /
  );
  await dialog.getByRole('button', { name: 'Copy public key' }).click();
  await expect(dialog).toContainText('Copied');
  await dialog.getByRole('button', { name: 'Close' }).click();
});

test('a test is cancelled', async ({ page }) => {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  const { dialog } = integrations;
  const silent = createServer(socket => socket.on('error', () => undefined));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  await addDatabase(page, 'Far away', { sshHost: '127.0.0.1', sshPort: port });
  await integrations.choose('Far away', 'Test connection');
  await expect(dialog.locator('[data-state=running]')).toContainText(
    'Agree on encryption with the bastion'
  );
  await dialog.getByRole('button', { name: 'Cancel the test' }).click();
  await expect(dialog.getByRole('alert')).toContainText('cancelled');
  await dialog.getByRole('button', { name: 'Close' }).click();
  silent.close();
  for (const name of ['Works', 'Wrong password', 'Wrong user', 'Far away']) {
    await integrations.remove(name);
  }
});
