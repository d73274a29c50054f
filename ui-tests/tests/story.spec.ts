import { expect, test } from '@jupyterlab/galata';

import { IntegrationsPage } from '../integrations';
import { NotebookPage } from '../notebook';
import { PrivateNetwork } from '../privateNetwork';
import { bothThemes } from '../screenshots';

test.use({ actionTimeout: 30_000 });
test.setTimeout(240_000);

let network: PrivateNetwork;

test.beforeAll(async () => {
  network = await PrivateNetwork.start();
});

test.afterAll(async () => {
  await network.stop();
});

// Its steps are the sections of docs/guide/index.md, which shows their pictures.
test('from an empty workspace to a result', async ({ page }) => {
  const { bastion, postgresql, httpapi } = network.servers;
  const integrations = new IntegrationsPage(page);
  const notebook = new NotebookPage(page);
  const { dialog, sidebar } = integrations;
  const shown = dialog.locator('.jp-Dialog-content');

  await test.step('Open the Integrations sidebar', async () => {
    await integrations.open();
    await expect(sidebar).toContainText('Connect your first database');
    await bothThemes(page, 'guide/empty', [
      sidebar.getByRole('toolbar'),
      sidebar.locator('.jp-Underpass-empty')
    ]);
  });

  await test.step('Put your key on the bastion', async () => {
    const key = await integrations.publicKey();
    expect(key).toMatch(/^ssh-ed25519 /);
    // What the owner of the bastion does, or you with an editor.
    network.authorize(key);
  });

  await test.step('Add the database', async () => {
    await integrations.fillIn('PostgreSQL', {
      Name: 'My DB',
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
    await integrations.add();
    await expect(dialog.getByRole('alert')).toHaveText(
      'SSH user is required when SSH is on.'
    );
    await expect(integrations.field('SSH user')).toBeFocused();
    await bothThemes(page, 'guide/field-error', shown);
    await integrations.field('SSH user').fill(bastion.user);
    await expect(integrations.field('Password')).toHaveValue(
      postgresql.password
    );
  });

  await test.step('Test the connection', async () => {
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    await expect(dialog).toContainText('Check the host key');
  });

  await test.step('Approve the host key', async () => {
    const question = dialog.getByRole('group', {
      name: 'Approve this host key?'
    });
    await expect(question).toContainText(bastion.hostKeyFingerprint);
    await expect(question).toBeInViewport({ ratio: 0.99 });
    await bothThemes(page, 'guide/host-key', shown);
    await question.getByRole('button', { name: 'Approve' }).click();
    await expect(dialog).toContainText('The connection works.');
    await bothThemes(page, 'guide/test', shown);
    await integrations.add();
    await expect(integrations.item('My DB')).toContainText('Connected since');
  });

  await test.step('Query it in an SQL cell', async () => {
    await page.notebook.createNew('sales.ipynb');
    await page.locator('.jp-NotebookPanel-toolbar').getByText('+ SQL').click();
    const header = page.getByRole('group', { name: 'SQL cell' });
    await expect(header.getByLabel('Integration')).toHaveValue('My DB');
    await header.getByLabel('Result in').fill('sales');
    await header.getByLabel('Result in').press('Enter');
    await page.locator('.jp-CodeCell .cm-line').last().click();
    await page.keyboard.insertText(
      [
        'SELECT product, sum(price * pieces) AS revenue',
        "FROM (VALUES ('Tea', 4.5, 12), ('Coffee', 6.0, 31),",
        "             ('Cocoa', 5.0, 9), ('Tea', 4.5, 8))",
        '  AS orders (product, price, pieces)',
        'GROUP BY product',
        'ORDER BY revenue DESC'
      ].join('\n')
    );
    await notebook.runHere();
    await page.mouse.move(0, 0);
    const output = page.locator('.jp-OutputArea-output');
    await expect(output.locator('table')).toContainText('Coffee', {
      timeout: 30_000
    });
    await expect(output.locator('table')).toContainText('186.0');
    await expect(output.first()).toContainText('3 rows × 2 columns');
    await expect(output.first()).toContainText('via tunnel');
    await expect(header).toContainText('3 rows × 2 columns');
    await bothThemes(page, 'guide/sql-cell', [header, output.last()]);
  });

  await test.step('Go on in Python', async () => {
    const output = await notebook.run(
      'at_least = 50\nprint(type(sales).__module__, sales["product"].tolist())'
    );
    await expect(output).toHaveText("pandas ['Coffee', 'Tea', 'Cocoa']");
  });

  await test.step('Build on earlier results', async () => {
    // The SQL of an earlier cell, and a value of the notebook: both go to the database.
    const best = await notebook.run(
      [
        '%%sql "My DB" -o best --with sales',
        'SELECT * FROM sales',
        'WHERE revenue > {{ at_least }}'
      ].join('\n')
    );
    await expect(best.locator('table')).toContainText('Tea');
    await expect(best.locator('table')).not.toContainText('Cocoa');
    // The rows that are here already.
    const shares = await notebook.run(
      [
        '%%sql duckdb',
        'SELECT product, round(revenue / sum(revenue) OVER (), 2) AS share',
        'FROM best'
      ].join('\n')
    );
    await expect(shares.locator('table')).toContainText('0.67');
    await shares.last().scrollIntoViewIfNeeded();
    await bothThemes(page, 'guide/chaining', [
      page.getByRole('group', { name: 'SQL cell' }).nth(1),
      shares.last()
    ]);
  });

  await test.step('Reach a service that is no database', async () => {
    await integrations.fillIn('SSH tunnel', {
      Name: 'My API',
      'SSH host': bastion.host,
      'SSH port': bastion.port,
      'SSH user': bastion.user,
      'Remote host': httpapi.host,
      'Remote port': httpapi.port
    });
    await integrations.add();
    await expect(integrations.item('My API')).toContainText('Connected since');
    const menu = await integrations.openMenu('My API');
    await bothThemes(page, 'guide/menu', [
      sidebar.getByRole('toolbar'),
      integrations.item('My DB'),
      menu
    ]);
    await menu.getByRole('menuitem', { name: 'How to use' }).click();
    await expect(dialog).toContainText('MY_API_LOCAL_HOST');
    await bothThemes(page, 'guide/how-to-use', shown);
    await dialog.getByRole('button', { name: 'Close' }).click();

    // The kernel that runs already has the variables, too.
    const output = await notebook.run(
      [
        'import os',
        'import requests',
        'host = os.environ["MY_API_LOCAL_HOST"]',
        'port = os.environ["MY_API_LOCAL_PORT"]',
        `token = "${httpapi.token}"`,
        'answer = requests.get(f"http://{host}:{port}/products", headers={"Authorization": f"Bearer {token}"})',
        'print(answer.status_code, len(answer.json()) > 0)'
      ].join('\n')
    );
    await expect(output).toHaveText('200 True');
    await page.notebook.save();
  });

  await test.step('Change an integration', async () => {
    await integrations.choose('My DB', 'Edit…');
    await expect(integrations.field('Host')).toHaveValue(postgresql.host);
    // A password never comes back.
    await expect(dialog).not.toContainText(postgresql.password);
    await dialog.getByRole('switch', { name: 'Production' }).check();
    await bothThemes(page, 'guide/edit', shown);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(integrations.item('My DB')).toContainText('Production');
    await expect(
      page.getByRole('group', { name: 'SQL cell' }).first()
    ).toContainText('Production');
    await bothThemes(page, 'guide/production', [
      sidebar.getByRole('toolbar'),
      integrations.item('My DB'),
      integrations.item('My API')
    ]);
  });

  await test.step('See and close tunnels', async () => {
    await page.menu.clickMenuItem('Integrations>Show tunnels');
    const running = page.locator('#jp-running-sessions');
    const tunnel = running.locator('.jp-Underpass-runningTunnel', {
      hasText: 'My API'
    });
    await expect(tunnel).toBeVisible();
    await bothThemes(page, 'guide/tunnels', [
      tunnel,
      running.getByRole('toolbar', { name: 'Tunnels' }),
      running.locator('.jp-Underpass-runningTunnel', { hasText: 'My DB' })
    ]);
    await tunnel.hover();
    await tunnel.getByTitle('Shut Down').click();
    await expect(tunnel).toHaveCount(0);
    await integrations.open();
    await expect(integrations.item('My API')).toContainText('Ready');
  });

  await test.step('Delete what you need no more', async () => {
    await integrations.choose('My DB', 'Delete…');
    await expect(dialog).toContainText('sales.ipynb');
    await bothThemes(page, 'guide/delete', shown);
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(integrations.item('My DB')).toHaveCount(0);
    await integrations.choose('My API', 'Delete…');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(sidebar).toContainText('Connect your first database');
  });
});
