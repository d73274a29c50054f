import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { IntegrationsPage } from '../integrations';
import { bothThemes } from '../screenshots';

test.afterEach(({ page }) => new IntegrationsPage(page).removeAll());

const shown = (menu: Locator): Promise<string[]> =>
  menu.getByRole('menuitem').allTextContents();

const tunnel = {
  type: 'ssh-tunnel',
  fields: {
    sshHost: 'bastion.example.org',
    sshUser: 'me',
    remoteHost: 'api.internal',
    remotePort: 8080
  }
};

test('the menu of an integration has what can be done with it, and nothing else', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.addByService('Shop');
  await integrations.addByService('Orders API', tunnel);
  await integrations.open();
  const database = await integrations.openMenu('Shop');
  expect(await shown(database)).toEqual([
    'How to use',
    'Insert SQL cell',
    'Test connection',
    'Disconnect',
    'Edit…',
    'Duplicate',
    'Delete…'
  ]);
  await bothThemes(page, 'sidebar/menu', [integrations.sidebar, database]);
  await page.keyboard.press('Escape');
  expect(await shown(await integrations.openMenu('Orders API'))).toEqual([
    'How to use',
    'Copy variable names',
    'Test connection',
    'Open tunnel',
    'Disconnect',
    'Edit…',
    'Duplicate',
    'Delete…'
  ]);
});

test('a copy gets the focus, and is as its original', async ({ page }) => {
  const integrations = new IntegrationsPage(page);
  await integrations.addByService('Orders API', tunnel);
  await integrations.open();
  await integrations.choose('Orders API', 'Duplicate');
  await expect(
    integrations.sidebar.getByRole('button', {
      name: 'More actions for Orders API copy'
    })
  ).toBeFocused();
  const copy = await integrations.added('Orders API copy');
  expect(copy).toMatchObject({ ...tunnel, connected: true });
});

test('Edit opens the form of the integration, and gives the focus back', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.addByService('Shop');
  await integrations.open();
  await integrations.choose('Shop', 'Edit…');
  await expect(integrations.dialog).toContainText('Shop');
  await page.keyboard.press('Escape');
  await expect(integrations.dialog).toHaveCount(0);
  await expect(
    integrations.sidebar.getByRole('button', { name: 'More actions for Shop' })
  ).toBeFocused();
});

test('Delete says which notebooks use the integration, before it is done', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.addByService('Shop');
  await integrations.addByService('Nobody needs me');
  for (const [name, source] of [
    ['revenue.ipynb', '%%sql Shop -o df\nSELECT 1'],
    ['weekly.ipynb', 'import underpass\nunderpass.connect("Shop")'],
    ['other.ipynb', 'print("Shop")']
  ] as const) {
    const cell = { cell_type: 'code', source, metadata: {}, outputs: [] };
    await page.contents.uploadContent(
      JSON.stringify({ cells: [cell], nbformat: 4, nbformat_minor: 5 }),
      'text',
      `reports/${name}`
    );
  }
  await integrations.open();
  await integrations.choose('Shop', 'Delete…');
  const { dialog } = integrations;
  await expect(dialog).toContainText('2 notebooks of this project use it.');
  await expect(dialog.getByRole('listitem')).toHaveText([
    'reports/revenue.ipynb',
    'reports/weekly.ipynb'
  ]);
  await bothThemes(
    page,
    'sidebar/delete',
    dialog.locator('.jp-Dialog-content')
  );
  // What Enter would do is not what can not be undone.
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(integrations.item('Shop')).toBeVisible();

  await integrations.choose('Nobody needs me', 'Delete…');
  await expect(dialog).toContainText('No notebook of this project uses it.');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(integrations.item('Nobody needs me')).toHaveCount(0);
  await expect(integrations.item('Shop')).toBeVisible();
  await page.contents.deleteDirectory('reports');
});

test('Delete names other projects, where it did not look for notebooks', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.addByService('Shop');
  const home = await integrations.workspace();
  const elsewhere = realpathSync(
    mkdtempSync(join(tmpdir(), 'underpass-elsewhere-'))
  );
  execFileSync(
    'python',
    ['-m', 'underpass.command', 'connect', 'Shop', '--project', elsewhere],
    {
      env: {
        ...process.env,
        UNDERPASS_HOME: home,
        UNDERPASS_RUNTIME_DIR: join(home, '..', 'runtime')
      }
    }
  );
  await integrations.open();
  await integrations.choose('Shop', 'Delete…');
  const { dialog } = integrations;
  await expect(dialog).toContainText(
    'also connected to another project, whose notebooks were not looked at'
  );
  await expect(dialog.getByRole('listitem')).toHaveText([elsewhere]);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(integrations.item('Shop')).toBeVisible();
  rmSync(elsewhere, { recursive: true });
});

test('the menu Integrations and the palette have what is done with the workspace', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await page.notebook.createNew();
  await page.menu.open('Integrations');
  const menu = page.locator('.lm-Menu');
  expect(await shown(menu)).toEqual([
    'Add integration…',
    expect.stringContaining('Insert SQL cell'),
    'Workspace SSH key…',
    'Authorize IP addresses…',
    'Review host keys…',
    'Show integrations',
    'Show tunnels'
  ]);
  await bothThemes(page, 'sidebar/main-menu', menu);
  await page.keyboard.press('Escape');
  await page.menu.clickMenuItem('Integrations>Workspace SSH key…');
  await expect(integrations.dialog).toContainText('ssh-ed25519');
  await page.keyboard.press('Escape');
  await page.menu.clickMenuItem('Integrations>Insert SQL cell');
  await expect.poll(() => page.notebook.getCellTextInput(0)).toContain('%%sql');

  for (const [typed, shownThen] of [
    ['Add integration', 'Add integration'],
    ['Authorize IP', 'Authorize']
  ] as const) {
    await page.keyboard.press('Control+Shift+C');
    const palette = page.locator('.lm-CommandPalette');
    await palette
      .getByRole('combobox')
      .or(palette.locator('input'))
      .fill(typed);
    await page.keyboard.press('Enter');
    await expect(integrations.dialog).toContainText(shownThen);
    await integrations.dialog
      .getByRole('button', { name: /^(Cancel|Close)$/ })
      .click();
    await expect(integrations.dialog).toHaveCount(0);
  }
});

test('who may only look is offered nothing else', async ({ page }) => {
  // What the server says to somebody with fewer rights; it decides by itself about each request.
  await page.route(/\/api\/me/, async route => {
    const response = await route.fetch();
    const told = (await response.json()) as object;
    const permissions = { 'underpass:integrations': ['read'] };
    await route.fulfill({ response, json: { ...told, permissions } });
  });
  const integrations = new IntegrationsPage(page);
  await integrations.addByService('Shop');
  await page.reload();
  await integrations.open();
  await expect(integrations.item('Shop')).toBeVisible();
  expect(await shown(await integrations.openMenu('Shop'))).toEqual([
    'How to use',
    'Insert SQL cell'
  ]);
  await page.keyboard.press('Escape');
  await page.menu.open('Integrations');
  const offered = await shown(page.locator('.lm-Menu'));
  expect(offered).toContain('Show integrations');
  expect(offered).not.toContain('Add integration…');
});
