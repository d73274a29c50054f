import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { forms } from '../forms';
import { IntegrationsPage } from '../integrations';
import { bothThemes } from '../screenshots';

const addresses = [
  ...['107.22.50.0', '18.214.47.38', '3.217.84.43', '3.229.1.246'],
  ...['3.230.201.213', '44.216.70.44', '52.21.216.28', '52.55.205.54'],
  ...['54.144.37.244', '54.165.20.26', '54.235.42.8', '54.242.142.100']
];

/** The service looks at the policy file every 5 s. */
const soon = { timeout: 20_000 };

/** Write the policy file of the server of these tests, as its administrator would. */
async function decide(page: IJupyterLabPageFixture, policy: object) {
  const answer = await page.request.post('underpass/rpc', {
    data: { method: 'underpass/status', params: {}, path: '' }
  });
  const { result } = (await answer.json()) as { result: { workspace: string } };
  writeFileSync(
    join(dirname(result.workspace), 'policy.json'),
    JSON.stringify(policy)
  );
}

async function openDialog(
  page: IJupyterLabPageFixture,
  integrations: IntegrationsPage
): Promise<Locator> {
  await integrations.open();
  await integrations.sidebar
    .getByRole('button', { name: 'Authorize IP addresses' })
    .click();
  await expect(integrations.dialog).toContainText('How to authorize them');
  return integrations.dialog;
}

const clipboard = (page: IJupyterLabPageFixture) =>
  page.evaluate(() => navigator.clipboard.readText());

test.describe.configure({ mode: 'serial' });

test('a list is entered, corrected, copied, and in the command of each guide', async ({
  page
}) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const integrations = new IntegrationsPage(page);
  const dialog = await openDialog(page, integrations);
  await expect(dialog).toContainText('Nobody has said');
  await expect(dialog).toContainText('behind NAT');
  await expect(dialog).toContainText('curl');

  await dialog.getByRole('button', { name: 'Enter the addresses…' }).click();
  const list = dialog.getByLabel('IP addresses or CIDR blocks');
  await expect(list).toBeFocused();
  await page.keyboard.insertText('db.example.org');
  await page.keyboard.press('Enter');
  await page.keyboard.insertText(addresses.join('\n'));
  await expect(list).toHaveValue(['db.example.org', ...addresses].join('\n'));
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByRole('alert')).toContainText(
    '"db.example.org" is a name'
  );
  await list.fill(addresses.join('\n'));
  await dialog.getByRole('button', { name: 'Save' }).click();

  const items = dialog
    .getByRole('region', { name: 'Addresses' })
    .getByRole('listitem');
  await expect(items).toHaveCount(12);
  await dialog.getByRole('button', { name: 'Copy all addresses' }).click();
  await expect.poll(() => clipboard(page)).toBe(addresses.join('\n'));
  await dialog.getByRole('button', { name: 'Copy 52.21.216.28' }).click();
  await expect.poll(() => clipboard(page)).toBe('52.21.216.28');
  await page.mouse.move(0, 0);
  await bothThemes(page, 'egress', dialog.locator('.jp-Dialog-content'));

  const guides = dialog.locator('details');
  await expect(guides).toHaveCount(4);
  for (const guide of await guides.all()) {
    await guide.locator('summary').click();
    for (const address of addresses) {
      await expect(guide.locator('pre')).toContainText(address);
    }
    await expect(guide.getByRole('link')).toHaveAttribute('href', /^https:/);
  }
  await dialog
    .getByRole('button', { name: 'Copy Google Cloud SQL for PostgreSQL' })
    .click();
  await expect
    .poll(() => clipboard(page))
    .toMatch(/^gcloud sql instances patch INSTANCE/);
  await guides.first().scrollIntoViewIfNeeded();
  await bothThemes(page, 'egress-guides', dialog.locator('.jp-Dialog-content'));
});

test('guides fit the integration that is chosen', async ({ page }) => {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  await integrations.fillIn('MySQL', {
    Name: 'Shop',
    ...forms.mysql?.values,
    Port: 3310
  });
  await integrations.add();
  await integrations.dialog
    .getByRole('button', { name: 'Later' })
    .click({ timeout: 3000 })
    .catch(() => undefined);
  await expect(integrations.item('Shop')).toBeVisible();
  const dialog = await openDialog(page, integrations);
  await dialog.getByLabel('For', { exact: true }).selectOption('Shop');
  await expect(dialog).toContainText('the database sees the address of the');
  await expect(dialog.locator('details')).toHaveCount(2);
  await dialog.getByRole('button', { name: 'Close' }).click();
});

test('a slow answer about one choice is not shown as one about the next', async ({
  page
}) => {
  const dialog = await openDialog(page, new IntegrationsPage(page));
  let release = () => {};
  const released = new Promise<void>(resolve => (release = resolve));
  const isAboutShop = (body: string | null) =>
    body !== null && /egress\/show.*"integration"/s.test(body);
  await page.route('**/underpass/rpc*', async route => {
    if (isAboutShop(route.request().postData())) {
      await released;
    }
    await route.continue();
  });
  const choice = dialog.getByLabel('For', { exact: true });
  const asked = page.waitForRequest(request => isAboutShop(request.postData()));
  const answered = page.waitForResponse(response =>
    isAboutShop(response.request().postData())
  );
  await choice.selectOption('Shop');
  await asked;
  await choice.selectOption('any database');
  release();
  await (await answered).finished();
  await page.evaluate(
    () => new Promise(resolve => requestAnimationFrame(resolve))
  );
  await expect(dialog.locator('details')).toHaveCount(4);
  await expect(dialog).not.toContainText(
    'the database sees the address of the'
  );
});

test('what the administrator switches off is gone from the open page, and comes back', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  const button = (name: string) =>
    integrations.sidebar.getByRole('button', { name, exact: true });
  await expect(button('Authorize IP addresses')).toBeVisible();
  await expect(button('Workspace SSH key')).toBeVisible();

  await decide(page, { egress: false, sshTunnels: false, caUpload: false });
  await expect(button('Authorize IP addresses')).toBeHidden(soon);
  await expect(button('Workspace SSH key')).toBeHidden();
  await expect(integrations.item('Shop')).toContainText(
    'switched off by the administrator'
  );
  await integrations.openAdd();
  await expect(integrations.typeButton('PostgreSQL')).toBeVisible();
  await expect(integrations.typeButton('SSH tunnel')).toHaveCount(0);
  await integrations.typeButton('PostgreSQL').click();
  await integrations
    .field('TLS')
    .getByRole('radio', { name: 'Strict' })
    .check();
  await expect(integrations.field('Host')).toBeVisible();
  await expect(integrations.field('CA certificate')).toHaveCount(0);
  await expect(
    integrations.field('Connect through an SSH bastion')
  ).toHaveCount(0);
  await integrations.dialog.getByRole('button', { name: 'Cancel' }).click();
  await integrations.dialog.getByRole('button', { name: 'Discard' }).click();

  await decide(page, { egressAddresses: ['198.18.0.7'] });
  await expect(button('Authorize IP addresses')).toBeVisible(soon);
  const dialog = await openDialog(page, integrations);
  await expect(dialog).toContainText('198.18.0.7');
  await expect(dialog).toContainText('Your administrator says');
  await expect(dialog.getByText('Edit the list…')).toHaveCount(0);
  await decide(page, {});
  await expect(dialog.getByText('Edit the list…')).toBeVisible(soon);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await integrations.remove('Shop');
});
