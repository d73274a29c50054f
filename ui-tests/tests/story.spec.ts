import { expect, test } from '@jupyterlab/galata';

import { IntegrationsPage } from '../integrations';
import { NotebookPage } from '../notebook';
import { PrivateNetwork } from '../privateNetwork';
import { bothThemes } from '../screenshots';

// Tracking kernels, galata answers the restart of one with the status of a creation, which JupyterLab refuses.
test.use({ kernels: null, actionTimeout: 30_000 });
test.setTimeout(240_000);

let network: PrivateNetwork;

test.beforeAll(async () => {
  network = await PrivateNetwork.start();
});

test.afterAll(async () => {
  await network.stop();
});

// Its steps are the sections of docs/guide/index.md.
test('from an empty workspace to a result', async ({ page }) => {
  const { bastion, postgresql, httpapi } = network.servers;
  const integrations = new IntegrationsPage(page);
  const notebook = new NotebookPage(page);
  const { dialog, sidebar } = integrations;

  await test.step('Open the Integrations sidebar', async () => {
    await integrations.open();
    await expect(sidebar).toContainText('Connect your first database');
    await bothThemes(page, 'guide/empty', sidebar);
  });

  await test.step('Put your key on the bastion', async () => {
    const key = await integrations.publicKey();
    expect(key).toMatch(/^ssh-ed25519 /);
    // What the owner of the bastion does, or you with an editor.
    network.authorize(key);
  });

  await test.step('Add the database', async () => {
    await integrations.fillIn('PostgreSQL', {
      Host: postgresql.host,
      User: postgresql.user,
      Password: postgresql.password,
      Database: postgresql.database,
      'Connect through an SSH bastion': true,
      'SSH host': bastion.host,
      'SSH port': bastion.port
    });
    await expect(dialog).toContainText('~/.ssh/authorized_keys');

    // What the service refuses is said at the field, and nothing that was typed is lost.
    const refused = dialog.getByRole('alert');
    await integrations.add();
    await expect(refused).toHaveText('SSH user is required when SSH is on.');
    await expect(integrations.field('SSH user')).toBeFocused();
    await bothThemes(
      page,
      'guide/field-error',
      dialog.locator('.jp-Dialog-content')
    );
    await integrations.field('SSH user').fill(bastion.user);
    await integrations.add();
    await expect(integrations.field('Name')).toBeFocused();
    await expect(refused).toHaveCount(1);
    await expect(integrations.field('Password')).toHaveValue(
      postgresql.password
    );
    await integrations.field('Name').fill('My DB');
    await integrations.add();
  });

  await test.step('Approve the host key', async () => {
    await expect(dialog).toContainText('Approve this host key?');
    await expect(dialog).toContainText(bastion.hostKeyFingerprint);
    await bothThemes(
      page,
      'guide/host-key',
      dialog.locator('.jp-Dialog-content')
    );
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await expect(integrations.item('My DB')).toContainText('Connected since');
  });

  await test.step('Query it in an SQL cell', async () => {
    await page.notebook.createNew();
    await page
      .locator('.jp-NotebookPanel-toolbar')
      .getByText(/SQL/)
      .click();
    await expect(page.locator('.jp-Notebook.jp-mod-editMode')).toBeVisible();
    await page.keyboard.insertText(
      [
        'SELECT product, sum(price * pieces) AS revenue',
        "FROM (VALUES ('Tea', 4.5, 12), ('Coffee', 6.0, 31), ('Tea', 4.5, 8)) AS sales (product, price, pieces)",
        'GROUP BY product',
        'ORDER BY revenue DESC'
      ].join('\n')
    );
    await notebook.runHere();
    const table = page.locator('.jp-OutputArea-output table');
    await expect(table).toContainText('Coffee', { timeout: 30_000 });
    await expect(table).toContainText('186.0');
    await bothThemes(page, 'guide/sql-cell', page.locator('.jp-NotebookPanel'));
  });

  await test.step('Go on in Python', async () => {
    const output = await notebook.run(
      'print(type(df).__module__, df["product"].tolist())'
    );
    await expect(output).toHaveText("pandas ['Coffee', 'Tea']");
  });

  await test.step('Reach a service that is no database', async () => {
    await integrations.fillIn('SSH tunnel', {
      Name: 'My SSH tunnel',
      'SSH host': bastion.host,
      'SSH port': bastion.port,
      'SSH user': bastion.user,
      'Remote host': httpapi.host,
      'Remote port': httpapi.port
    });
    await integrations.add();
    const item = integrations.item('My SSH tunnel');
    await expect(item).toContainText('Connected since');
    await integrations.openMenu('My SSH tunnel');
    await bothThemes(page, 'guide/menu');
    await page.getByRole('menuitem', { name: 'How to use' }).click();
    await expect(dialog).toContainText('MY_SSH_TUNNEL_LOCAL_HOST');
    await bothThemes(
      page,
      'guide/how-to-use',
      dialog.locator('.jp-Dialog-content')
    );
    await dialog.getByRole('button', { name: 'Close' }).click();

    await notebook.restartKernel();
    const output = await notebook.run(
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

  await test.step('Delete what you need no more', async () => {
    for (const name of ['My SSH tunnel', 'My DB']) {
      await integrations.choose(name, 'Delete…');
      await expect(dialog).toContainText(name);
      await dialog.getByRole('button', { name: 'Delete' }).click();
      await expect(integrations.item(name)).toHaveCount(0);
    }
    await expect(sidebar).toContainText('Connect your first database');
  });
});
