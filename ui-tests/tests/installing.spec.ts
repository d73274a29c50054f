import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

import { expect, test } from '@jupyterlab/galata';

import { IntegrationsPage } from '../integrations';
import { PrivateNetwork } from '../privateNetwork';
import { bothThemes } from '../screenshots';

/** Where the server of these tests looks for kernels, too. */
const root = resolve(__dirname, '..', '..');
const kernels = resolve(root, '.build', 'ui-tests', 'kernels');

test.use({ kernels: null });
test.setTimeout(120_000);

let network: PrivateNetwork;

test.beforeAll(async () => {
  rmSync(kernels, { recursive: true, force: true });
  mkdirSync(kernels, { recursive: true });
  execFileSync('python', ['-m', 'tests.driverless', kernels], { cwd: root });
  network = await PrivateNetwork.start();
});

test.afterAll(async () => {
  await network.stop();
  rmSync(kernels, { recursive: true, force: true });
});

test('a driver that is missing is installed in the kernel with a click', async ({
  page
}) => {
  const { bastion, postgresql } = network.servers;
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  network.authorize(await integrations.publicKey());
  await integrations.fillIn('PostgreSQL', {
    Name: 'Without a driver',
    Host: postgresql.host,
    User: postgresql.user,
    Password: postgresql.password,
    Database: postgresql.database,
    'Connect through an SSH bastion': true,
    'SSH host': bastion.host,
    'SSH port': bastion.port,
    'SSH user': bastion.user
  });
  await integrations.add();
  await integrations.dialog.getByRole('button', { name: 'Approve' }).click();
  await expect(integrations.item('Without a driver')).toContainText(
    'Connected since'
  );

  await page.notebook.createNew('driver.ipynb', {
    kernel: 'driverless'
  });
  await expect(page.locator('#jp-main-statusbar')).toContainText('| Idle', {
    timeout: 30_000
  });
  await page.notebook.setCell(
    0,
    'code',
    '%%sql "Without a driver"\nSELECT 6 * 7 AS answer'
  );
  await page.notebook.runCell(0);
  const output = page.locator('.jp-Cell-outputArea').first();
  await expect(output).toContainText('driver-missing');
  const offer = page.getByRole('group', { name: 'Missing in this kernel' });
  await expect(offer).toContainText("%pip install 'underpass[postgresql]'");
  await bothThemes(page, 'driver-missing', page.locator('.jp-Cell').first());

  await offer.getByRole('button', { name: 'Install in this kernel' }).click();
  await expect(offer.getByRole('status')).toHaveText(
    'Installed. Run the cell again.',
    { timeout: 60_000 }
  );
  await expect(offer).toContainText('Successfully installed adbc-driver');
  await offer.getByRole('button', { name: 'Run the cell again' }).click();
  await expect(output.locator('table')).toContainText('42');
  await expect(offer).toHaveCount(0);

  await integrations.remove('Without a driver');
  await integrations.forgetHostKey(bastion);
});

test('a notebook from elsewhere offers nothing before its cell has run here', async ({
  page,
  tmpPath
}) => {
  const mime = 'application/vnd.underpass.failure+json';
  const failure = { detail: { requirement: 'polars' } };
  const data = { [mime]: failure, 'text/plain': 'Missing: polars' };
  const code = `from IPython.display import display\ndisplay(${JSON.stringify(data)}, raw=True)`;
  const notebook = {
    cells: [
      {
        cell_type: 'code',
        execution_count: 1,
        metadata: { trusted: true },
        outputs: [{ output_type: 'display_data', data, metadata: {} }],
        source: code
      }
    ],
    metadata: { kernelspec: { display_name: '', name: 'python3' } },
    nbformat: 4,
    nbformat_minor: 4
  };
  await page.contents.uploadContent(
    JSON.stringify(notebook),
    'text',
    `${tmpPath}/foreign.ipynb`
  );
  await page.notebook.openByPath(`${tmpPath}/foreign.ipynb`);
  const output = page.locator('.jp-Cell-outputArea').first();
  const offer = page.getByRole('group', { name: 'Missing in this kernel' });
  await expect(output).toContainText('Missing: polars');
  await expect(offer).toHaveCount(0);

  await expect(page.locator('#jp-main-statusbar')).toContainText('| Idle', {
    timeout: 30_000
  });
  await page.notebook.runCell(0);
  await expect(offer).toContainText("%pip install 'polars'");
});
