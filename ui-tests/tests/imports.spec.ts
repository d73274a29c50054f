import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { Answers } from '../answers';
import { IntegrationsPage } from '../integrations';
import { PrivateNetwork } from '../privateNetwork';
import { bothThemes } from '../screenshots';

test.describe.configure({ mode: 'serial' });
test.use({ viewport: { width: 900, height: 1600 } });

/** A login at a bastion and a process of its own, on a busy machine. */
const slowly = { timeout: 40_000 };

let network: PrivateNetwork;

test.beforeAll(async () => {
  network = await PrivateNetwork.start();
});

test.afterAll(async () => {
  await network.stop();
});

test.afterEach(async ({ page }) => {
  await new IntegrationsPage(page).removeAll();
});

const button = (dialog: Locator, name: string): Locator =>
  dialog.getByRole('button', { name, exact: true });

test('connections in the files of the server become integrations, and their passwords never come to the browser', async ({
  page
}) => {
  const said = new Answers(page);
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  const { host, port, user, database, password } = network.servers.postgresql;
  const state = dirname(await integrations.workspace());
  const pgpass = join(state, 'pgpass');
  const services = join(state, 'pg_service.conf');
  writeFileSync(
    pgpass,
    `# ours\n${host}:${port}:${database}:${user}:${password}\n*:*:*:other:x\n`,
    { mode: 0o600 }
  );
  writeFileSync(
    services,
    `[Warehouse]\nhost=${host}\nport=${port}\nuser=${user}\ndbname=${database}\napplication_name=report\n[Far]\nhost=far.internal\nuser=me\ndbname=far\n`
  );
  await integrations.openAdd();
  const { dialog } = integrations;
  await button(dialog, 'Import from .pgpass or pg_service.conf…').click();
  await button(dialog, 'Read the files of the server').click();
  await expect(dialog).toContainText('4 connections found');
  await bothThemes(page, 'forms/import', dialog.locator('.jp-Dialog-content'));
  await expect(dialog.getByLabel('other', { exact: true })).toBeDisabled();

  // One by one: the form, where the rest is filled in.
  await button(dialog, 'Fill in the form with Warehouse').click();
  await expect(integrations.field('Name')).toHaveValue('Warehouse');
  await expect(integrations.field('Database')).toHaveValue(database);
  await expect(dialog.getByRole('group', { name: 'Password' })).toContainText(
    'Set'
  );
  const { bastion } = network.servers;
  network.authorize(await integrations.keyInForm());
  await integrations.field('SSH host').fill(bastion.host);
  await integrations.field('SSH port').fill(String(bastion.port));
  await integrations.field('SSH user').fill(bastion.user);
  await button(dialog, 'Test connection').click();
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await expect(dialog).toContainText('The connection works.', slowly);
  await integrations.add();
  await expect(dialog).toHaveCount(0);
  expect(await integrations.get('Warehouse')).toMatchObject({
    secretsSet: ['password'],
    fields: { host, port, options: { application_name: 'report' } }
  });

  // Several at once.
  await integrations.openAdd();
  await button(dialog, 'Import from .pgpass or pg_service.conf…').click();
  await button(dialog, 'Read the files of the server').click();
  await dialog.getByLabel('Warehouse 2', { exact: true }).check();
  await dialog.getByLabel('Far', { exact: true }).check();
  await button(dialog, 'Add 2 integrations').click();
  await expect(dialog).toHaveCount(0);
  await expect(integrations.item('Warehouse 2')).toBeVisible();
  await expect(integrations.item('Far')).toBeVisible();
  const answers = (await said.texts()).join('\n');
  expect(answers).toContain('far.internal');
  expect(answers).not.toContain(password);
  rmSync(pgpass);
  rmSync(services);
});

test('pasted lines are read, what is no such file is refused, and what is left to fill in is said', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  await integrations.openAdd();
  const { dialog } = integrations;
  await button(dialog, 'Import from .pgpass or pg_service.conf…').click();
  await button(dialog, 'Read the files of the server').click();
  await expect(dialog).toContainText('There is no file');
  await integrations.field('Or paste the lines here').fill('nonsense');
  await button(dialog, 'Read').click();
  await expect(dialog.getByRole('alert')).toContainText('This is neither');
  const lines = '*:5432:shop:me:pass\\:word\n';
  await integrations.field('Or paste the lines here').fill(lines);
  await button(dialog, 'Read').click();
  await expect(dialog).toContainText('Left to fill in: Host is required.');
  await expect(integrations.field('Or paste the lines here')).toHaveValue('');
  await button(dialog, 'Fill in the form with shop').click();
  await expect(dialog.getByRole('status')).toContainText(
    'The line holds for any host'
  );
  await integrations.field('Host').fill('db.internal');
  await integrations.add();
  await expect(dialog).toHaveCount(0);
  expect(await integrations.get('shop')).toMatchObject({
    secretsSet: ['password'],
    fields: { host: 'db.internal', user: 'me' }
  });
});

test('a file of this computer is read', async ({ page }) => {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  await integrations.openAdd();
  const { dialog } = integrations;
  await button(dialog, 'Import from .pgpass or pg_service.conf…').click();
  await dialog.getByLabel('File to import').setInputFiles({
    name: 'pg_service.conf',
    mimeType: 'text/plain',
    buffer: Buffer.from('[Files]\nhost=db\nuser=me\ndbname=shop\n')
  });
  await expect(dialog).toContainText('1 connection found');
  await dialog.getByLabel('Files', { exact: true }).check();
  await button(dialog, 'Add 1 integration').click();
  await expect(integrations.item('Files')).toBeVisible();
});
