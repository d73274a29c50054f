import { expect, test } from '@jupyterlab/galata';

import { IntegrationsPage } from '../integrations';
import { NotebookPage } from '../notebook';
import { PrivateNetwork } from '../privateNetwork';
import { bothThemes } from '../screenshots';

test.use({ kernels: null });
test.setTimeout(120_000);

const name = 'Sales at "home"';
const tunnelName = 'Port of a database';
let network: PrivateNetwork;

test.beforeAll(async () => {
  network = await PrivateNetwork.start();
});

test.afterAll(async () => {
  await network.stop();
});

test.afterEach(({ page }) => new IntegrationsPage(page).removeAll());

test('the code for a database is inserted, runs, and is found by language', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  const notebook = new NotebookPage(page);
  const { dialog } = integrations;
  await integrations.open();
  await integrations.addDatabase(network, name);

  await test.step('Without a notebook nothing can be inserted', async () => {
    await integrations.choose(name, 'How to use');
    const tabs = dialog.getByRole('tab');
    await expect(tabs).toHaveText(['SQL', 'Python', 'R', 'Shell']);
    await expect(
      dialog.getByRole('tab', { name: 'SQL', selected: true })
    ).toBeVisible();
    await expect(dialog).toContainText('%%sql "Sales at \\"home\\"" -o df');
    await expect(
      dialog.getByRole('button', { name: 'Insert into notebook' })
    ).toHaveCount(0);
    await expect(dialog).toContainText('SALES_AT__HOME__LOCAL_PORT');
    await expect(dialog).toContainText('Restart other kernels to get them');
  });

  await test.step('The tabs are reached with the arrow keys', async () => {
    await dialog.getByRole('tab', { name: 'SQL' }).focus();
    await page.keyboard.press('ArrowRight');
    await expect(dialog.getByRole('tab', { name: 'Python' })).toBeFocused();
    await expect(dialog.getByRole('tabpanel')).toContainText('underpass.sql(');
    await page.keyboard.press('End');
    await expect(dialog.getByRole('tabpanel')).toContainText('psql "host=');
    await page.keyboard.press('ArrowRight');
    await expect(
      dialog.getByRole('tab', { name: 'SQL', selected: true })
    ).toBeFocused();
    await dialog.getByRole('tab', { name: 'Python' }).click();
    await expect(dialog.getByRole('heading', { level: 3 })).toContainText([
      'DataFrame',
      'Connection (DB-API)',
      'pandas and SQLAlchemy',
      'With psycopg',
      'Environment variables'
    ]);
    await bothThemes(
      page,
      'guide/how-to-use-database',
      dialog.locator('.jp-Dialog-content')
    );
    await dialog.getByRole('button', { name: 'Close' }).click();
  });

  for (const section of [
    'SQL cell',
    'DataFrame',
    'Connection (DB-API)',
    'pandas and SQLAlchemy'
  ]) {
    await test.step(`Insert: ${section}`, async () => {
      if (section === 'SQL cell') {
        await page.notebook.createNew('use.ipynb', { kernel: 'python3' });
        await notebook.kernelIsIdle();
        await integrations.open();
      }
      await integrations.choose(name, 'How to use');
      await expect(dialog).toContainText(
        'The kernel of this notebook has them'
      );
      if (section !== 'SQL cell') {
        await dialog.getByRole('tab', { name: 'Python' }).click();
      }
      await dialog
        .getByRole('region', { name: section, exact: true })
        .getByRole('button', { name: 'Insert into notebook' })
        .click();
      await expect(dialog).toHaveCount(0);
      await notebook.runHere();
      await notebook.kernelIsIdle();
      const output = await notebook.run(
        section === 'Connection (DB-API)'
          ? 'print("rows", len(rows))'
          : 'print("rows", len(df))'
      );
      await expect(output).toHaveText('rows 1', { timeout: 30_000 });
    });
  }
});

test('a tunnel to the port of a system leads to the form of that system', async ({
  page
}) => {
  const { bastion, postgresql } = network.servers;
  const integrations = new IntegrationsPage(page);
  const { dialog } = integrations;
  await integrations.open();
  await integrations.addDirectly('ssh-tunnel', tunnelName, {
    sshHost: bastion.host,
    sshPort: bastion.port,
    sshUser: bastion.user,
    remoteHost: postgresql.host,
    remotePort: 5432
  });
  await integrations.choose(tunnelName, 'How to use');
  const advice = dialog.getByRole('note');
  await expect(advice).toContainText(
    'Port 5432 is usually the one of PostgreSQL.'
  );
  await bothThemes(
    page,
    'guide/how-to-use-advice',
    dialog.locator('.jp-Dialog-content')
  );
  await advice.getByRole('button', { name: 'Add as PostgreSQL…' }).click();
  await expect(integrations.field('Host')).toHaveValue(postgresql.host);
  await expect(
    integrations.field('Connect through an SSH bastion')
  ).toBeChecked();
  await expect(integrations.field('SSH host')).toHaveValue(bastion.host);
  await expect(integrations.field('SSH port')).toHaveValue(
    String(bastion.port)
  );
  await integrations.field('Name').fill('Now a database');
  await integrations.field('User').fill(postgresql.user);
  await integrations.field('Password').fill(postgresql.password);
  await integrations.field('Database').fill(postgresql.database);
  await integrations.add();
  const added = await integrations.get('Now a database');
  expect(added.fields).toMatchObject({
    host: postgresql.host,
    port: 5432,
    sshHost: bastion.host
  });
});
