import { connect } from 'node:net';

import { expect, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { IntegrationsPage } from '../integrations';
import { PrivateNetwork } from '../privateNetwork';
import { bothThemes } from '../screenshots';

let network: PrivateNetwork;

test.beforeAll(async () => {
  network = await PrivateNetwork.start();
});

test.afterAll(() => network.stop());

test.afterEach(({ page }) => new IntegrationsPage(page).removeAll());

test('open tunnels are among the running sessions, are shut down there, and come back when they are used', async ({
  page
}) => {
  const { bastion, httpapi } = network.servers;
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  network.authorize(await integrations.publicKey());
  await integrations.trust(bastion);
  const tunnelTo = (name: string) =>
    integrations.addByService(name, {
      type: 'ssh-tunnel',
      fields: {
        sshHost: bastion.host,
        sshPort: bastion.port,
        sshUser: bastion.user,
        remoteHost: httpapi.host,
        remotePort: httpapi.port
      }
    });
  const orders = await tunnelTo('Orders API');
  const stock = await tunnelTo('Stock API');
  const use = async (tunnel: typeof orders) => {
    const port = String(tunnel.forward?.localPort);
    const answer = await fetch(`http://127.0.0.1:${port}/products`, {
      headers: { Authorization: `Bearer ${httpapi.token}` }
    });
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
  };

  // Bound, but not open: nobody has used them.
  await expect(integrations.item('Stock API')).toContainText('Ready');
  await page.menu.clickMenuItem('Integrations>Show tunnels');
  const sidebar = page.locator('#jp-running-sessions');
  const title = sidebar.getByRole('heading', { name: 'Tunnels' });
  await expect(sidebar).toBeVisible();
  const running = (name: string): Locator =>
    sidebar.locator('.jp-Underpass-runningTunnel').filter({ hasText: name });
  await expect(title).toBeFocused();
  await expect(running('API')).toHaveCount(0);

  const socket = connect(orders.forward?.localPort ?? 0, '127.0.0.1');
  await expect(running('Orders API')).toContainText('In use');
  socket.destroy();
  await expect(running('Orders API')).toContainText('Open');
  await use(stock);
  await expect(running('Stock API')).toBeVisible();
  await bothThemes(page, 'sidebar/tunnels', sidebar);

  // The one, not its neighbour over the same bastion.
  await running('Orders API').hover();
  await running('Orders API').getByTitle('Shut Down').click();
  await expect(running('Orders API')).toHaveCount(0);
  await expect(running('Stock API')).toBeVisible();
  await expect(integrations.item('Orders API')).toContainText('Ready');
  await expect(integrations.item('Stock API')).toContainText('Connected since');

  // On the same port.
  await use(orders);
  await expect(running('Orders API')).toBeVisible();

  // A click leads to the integration.
  await running('Orders API').getByText('Orders API').click();
  await expect(
    integrations.sidebar.getByRole('button', {
      name: 'More actions for Orders API'
    })
  ).toBeFocused();
  await integrations.choose('Orders API', 'Shut down tunnel');
  await expect(running('Orders API')).toHaveCount(0);
  await integrations.choose('Orders API', 'Open tunnel');
  await expect(running('Orders API')).toBeVisible();

  await sidebar
    .getByRole('toolbar', { name: 'Tunnels' })
    .getByRole('button', { name: 'Shut Down All' })
    .click();
  await expect(integrations.dialog).toContainText('all tunnels');
  await integrations.dialog
    .getByRole('button', { name: 'Shut Down All' })
    .click();
  await expect(running('API')).toHaveCount(0);
  await expect(integrations.item('Stock API')).toContainText('Ready');
  await use(stock);
  await expect(running('Stock API')).toBeVisible();
});
