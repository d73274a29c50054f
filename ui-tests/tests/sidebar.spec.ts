import { expect, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { IntegrationsPage } from '../integrations';
import { bothThemes } from '../screenshots';

const section = (integrations: IntegrationsPage, name: string): Locator =>
  integrations.sidebar.getByRole('region', { name, exact: true });

const menuButton = (integrations: IntegrationsPage, name: string): Locator =>
  integrations.sidebar.getByRole('button', {
    name: `More actions for ${name}`,
    exact: true
  });

test.afterEach(({ page }) => new IntegrationsPage(page).removeAll());

test('an empty workspace shows the first steps, and each leads on', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  const { sidebar } = integrations;
  await expect(sidebar).toContainText('Connect your first database');
  await expect(sidebar.getByRole('listitem')).toHaveCount(3);
  await bothThemes(page, 'sidebar/first-steps', sidebar);
  await sidebar.getByRole('button', { name: 'Show the public key' }).click();
  await expect(integrations.dialog).toContainText('ssh-ed25519');
  await integrations.dialog.getByRole('button', { name: 'Close' }).click();
  await sidebar.getByRole('button', { name: 'Add integration' }).last().click();
  await expect(integrations.dialog).toContainText('Add integration');
  await page.keyboard.press('Escape');
});

test('an item shows what it is, in both sections, with its marks in words', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  await integrations.addByService('Billing', {
    marks: { production: true, readOnly: true }
  });
  await integrations.addByService('Analytics', {
    type: 'clickhouse',
    marks: { readOnly: true }
  });
  await integrations.addByService('Model registry', {
    type: 'ssh-tunnel',
    fields: {
      sshHost: 'bastion.example.org',
      sshUser: 'me',
      remoteHost: 'registry.internal',
      remotePort: 8080
    }
  });
  await integrations.addByService('Archive', {
    type: 'mariadb',
    connect: false
  });
  const inside = section(integrations, 'In this project');
  const outside = section(integrations, 'Workspace');
  await expect(inside.getByRole('listitem')).toHaveCount(3);
  await expect(outside.getByRole('listitem')).toHaveCount(1);
  const billing = integrations.item('Billing');
  await expect(billing).toContainText('PostgreSQL');
  await expect(billing).toContainText('Production');
  await expect(billing).toContainText('Read-only');
  await expect(billing).toContainText('No tunnel (direct)');
  const edge = (item: Locator) =>
    item.evaluate(node => getComputedStyle(node).borderLeftWidth);
  expect(await edge(billing)).toBe('4px');
  const analytics = integrations.item('Analytics');
  await expect(analytics).toContainText('Read-only');
  await expect(analytics).not.toContainText('Production');
  expect(await edge(analytics)).toBe('0px');
  await expect(integrations.item('Model registry')).toContainText(
    'SSH tunnel via bastion.example.org:22'
  );
  await expect(integrations.item('Model registry')).toContainText('Ready');
  await expect(integrations.item('Archive')).toContainText(
    'Not in this project'
  );
  await bothThemes(page, 'sidebar/sections', integrations.sidebar);
});

test('the list is walked with arrow keys, and the menu opens from the keyboard and gives the focus back', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  for (const name of ['Ant', 'Bee', 'Cow']) {
    await integrations.addByService(name, { connect: name !== 'Bee' });
  }
  const [ant, bee, cow] = ['Ant', 'Bee', 'Cow'].map(name =>
    menuButton(integrations, name)
  ) as [Locator, Locator, Locator];
  await expect(cow).toBeVisible();
  await page.keyboard.press('Escape');
  await ant.focus();
  for (const [key, next] of [
    ['ArrowUp', ant],
    ['ArrowDown', cow],
    // Of the other section.
    ['ArrowDown', bee],
    ['ArrowDown', bee],
    ['Home', ant],
    ['End', bee],
    ['ArrowUp', cow]
  ] as const) {
    await page.keyboard.press(key);
    await expect(next).toBeFocused();
  }
  await page.keyboard.press('Enter');
  await expect(page.locator('.lm-Menu')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(cow).toBeFocused();
});

test('an item that goes to the other section takes the focus along, and one that is deleted leaves it to its neighbour', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  await integrations.addByService('Ant');
  await integrations.addByService('Bee');
  const outside = section(integrations, 'Workspace');
  await integrations.choose('Ant', 'Disconnect');
  await expect(outside).toContainText('Ant');
  await expect(menuButton(integrations, 'Ant')).toBeFocused();
  await integrations.choose('Ant', 'Delete…');
  await integrations.dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(integrations.item('Ant')).toHaveCount(0);
  await expect(menuButton(integrations, 'Bee')).toBeFocused();
  await integrations.choose('Bee', 'Delete…');
  await integrations.dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(integrations.sidebar).toContainText('Connect your first');
  await expect(
    integrations.sidebar.locator('.jp-Underpass-empty .jp-mod-accept')
  ).toBeFocused();
});

test('in Notebook 7 the sidebar and the menu are there, too', async ({
  page,
  tmpPath
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.addByService('Ant');
  // Of a notebook that names no kernel, Notebook 7 asks for one.
  const nameless = { cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 };
  await page.contents.uploadContent(
    JSON.stringify(nameless),
    'text',
    `${tmpPath}/seven.ipynb`
  );
  const notebook = await page.context().newPage();
  await notebook.goto(`notebooks/${tmpPath}/seven.ipynb`);
  await notebook
    .getByRole('dialog')
    .getByRole('button', { name: 'No Kernel' })
    .click();
  const bar = notebook.locator('#menu-panel, .lm-MenuBar').first();
  await bar.getByText('Integrations', { exact: true }).click();
  const menu = notebook.locator('.lm-Menu');
  await expect(menu).toContainText('Add integration…');
  await menu.getByText('Show integrations').click();
  const sidebar = notebook.getByRole('region', { name: 'Integrations' });
  const button = sidebar.getByRole('button', { name: 'More actions for Ant' });
  await expect(button).toBeFocused();
  await notebook.keyboard.press('Enter');
  await expect(notebook.locator('.lm-Menu')).toContainText('Insert SQL cell');
  await notebook.keyboard.press('Escape');
  await expect(button).toBeFocused();

  // There is no list of running sessions beside a notebook.
  await bar.getByText('Integrations', { exact: true }).click();
  await notebook.locator('.lm-Menu').getByText('Show tunnels').click();
  await expect(button).toBeFocused();
  await notebook.close();
});
