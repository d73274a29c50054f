import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { Answers } from '../answers';
import { IntegrationsPage } from '../integrations';
import { PrivateNetwork } from '../privateNetwork';
import { bothThemes } from '../screenshots';

test.describe.configure({ mode: 'serial' });
// A picture shows the whole form.
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

/** Open the form of a database behind the bastion. */
async function edit(
  page: IJupyterLabPageFixture
): Promise<{ integrations: IntegrationsPage; dialog: Locator }> {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  await integrations.addDatabase(network, 'Shop');
  await integrations.choose('Shop', 'Edit…');
  await expect(integrations.field('Name')).toHaveValue('Shop');
  return { integrations, dialog: integrations.dialog };
}

const button = (dialog: Locator, name: string): Locator =>
  dialog.getByRole('button', { name, exact: true });

/** As somebody else would, in another window. */
async function update(
  page: IJupyterLabPageFixture,
  change: object
): Promise<void> {
  const answer = await page.request.post('underpass/rpc', {
    data: {
      method: 'underpass/integrations/update',
      params: { integration: 'Shop', ...change },
      path: ''
    }
  });
  expect(await answer.json()).toHaveProperty('result');
}

test('an integration is renamed and marked, and its password stays without the browser ever having it', async ({
  page
}) => {
  const said = new Answers(page);
  const { integrations, dialog } = await edit(page);
  await expect(dialog).toContainText('The type can not be changed.');
  const password = dialog.getByRole('group', { name: 'Password' });
  await expect(password).toContainText('Set');
  await integrations.field('Name').fill('Store');
  await expect(dialog).toContainText('Cells that say "Shop" keep working');
  await dialog.getByRole('switch', { name: 'Production' }).check();
  await dialog.getByRole('switch', { name: 'Read-only' }).check();
  await bothThemes(page, 'forms/edit', dialog.locator('.jp-Dialog-content'));
  await button(dialog, 'Save').click();
  await expect(dialog).toHaveCount(0);
  const saved = await integrations.get('Store');
  expect(saved).toMatchObject({
    name: 'Store',
    aliases: ['Shop'],
    marks: { production: true, readOnly: true },
    secretsSet: ['password']
  });
  await integrations.choose('Store', 'Edit…');
  await expect(dialog).toContainText('Former names');
  await button(dialog, 'Drop the former name Shop').click();
  await button(dialog, 'Save').click();
  await expect(dialog).toHaveCount(0);
  expect(await integrations.get('Store')).toMatchObject({ aliases: [] });
  const answers = (await said.texts()).join('\n');
  expect(answers).toContain('Store');
  expect(answers).not.toContain(network.servers.postgresql.password);
});

test('what is typed is tested before it is saved, with the password that is kept', async ({
  page
}) => {
  const { integrations, dialog } = await edit(page);
  await button(dialog, 'Test connection').click();
  await expect(dialog).toContainText('The connection works.', slowly);
  await bothThemes(page, 'forms/test', dialog.locator('.jp-Dialog-content'));
  await integrations.field('Database').fill('nowhere');
  await expect(dialog).toContainText('This is about what was typed before.');
  await button(dialog, 'Test connection').click();
  await expect(dialog.locator('[data-state=failed]')).toHaveCount(1, slowly);
  await expect(dialog.getByRole('alert')).toContainText('nowhere');
  await button(dialog, 'Replace Password').click();
  await expect(integrations.field('Password')).toBeFocused();
  await integrations
    .field('Database')
    .fill(network.servers.postgresql.database);
  await integrations.field('Password').fill('wrong');
  await button(dialog, 'Test connection').click();
  await expect(dialog.locator('[data-state=failed]')).toContainText(
    'Log in to the database',
    slowly
  );
  await button(dialog, 'Keep the Password that is set').click();
  await expect(dialog.getByRole('group', { name: 'Password' })).toContainText(
    'Set'
  );
  await button(dialog, 'Test connection').click();
  await expect(dialog).toContainText('The connection works.', slowly);
  // Nothing of it was saved.
  await button(dialog, 'Cancel').click();
  await expect(dialog).toHaveCount(0);
});

test('a password is replaced, and removed', async ({ page }) => {
  const { integrations, dialog } = await edit(page);
  await button(dialog, 'Remove Password').click();
  await expect(dialog).toContainText('Removed when you save');
  await button(dialog, 'Save').click();
  await expect(dialog).toHaveCount(0);
  expect(await integrations.get('Shop')).toMatchObject({ secretsSet: [] });
  await integrations.choose('Shop', 'Edit…');
  await integrations
    .field('Password')
    .fill(network.servers.postgresql.password);
  await button(dialog, 'Save').click();
  await expect(dialog).toHaveCount(0);
  expect(await integrations.get('Shop')).toMatchObject({
    secretsSet: ['password']
  });
});

test('what is wrong is said at each field, nothing typed is lost, and the first has the focus', async ({
  page
}) => {
  const { integrations, dialog } = await edit(page);
  await integrations.field('Host').fill('https://db.internal/');
  await integrations.field('Database').fill('');
  await integrations.field('User').fill('somebody');
  await button(dialog, 'Save').click();
  const errors = dialog.locator('.jp-Underpass-fieldError');
  await expect(errors).toHaveText([
    /Host must be a host name/,
    /Database is required/
  ]);
  await expect(integrations.field('Host')).toBeFocused();
  await expect(integrations.field('Host')).toHaveAttribute(
    'aria-invalid',
    'true'
  );
  await expect(integrations.field('User')).toHaveValue('somebody');
  await bothThemes(page, 'forms/errors', dialog.locator('.jp-Dialog-content'));
  await integrations.field('Host').fill('db.internal');
  await integrations.field('Database').fill('shop');
  await button(dialog, 'Save').click();
  await expect(dialog).toHaveCount(0);
});

test('a name that is taken is said at the name', async ({ page }) => {
  const { integrations, dialog } = await edit(page);
  await integrations.addDirectly('postgresql', 'Store', {
    host: 'db',
    user: 'me',
    database: 'shop'
  });
  await integrations.field('Name').fill('store');
  await button(dialog, 'Save').click();
  await expect(dialog.getByRole('alert')).toContainText('is taken');
  await expect(integrations.field('Name')).toBeFocused();
  await integrations.leave();
});

test('what somebody else changed meanwhile is shown, not overwritten', async ({
  page
}) => {
  const { integrations, dialog } = await edit(page);
  const { fields } = await integrations.get('Shop');
  await integrations.field('User').fill('mine');
  await update(page, {
    fields: { ...fields, user: 'theirs', database: 'their_shop' }
  });
  const note = dialog.locator('.jp-Underpass-conflict');
  await expect(note).toContainText('was changed meanwhile');
  await expect(note.getByRole('listitem')).toHaveText([
    /^User: .* is "theirs" now\. You have changed it, too\.$/,
    /^Database: .* is "their_shop" now\.$/
  ]);
  await bothThemes(
    page,
    'forms/conflict',
    dialog.locator('.jp-Dialog-content')
  );
  // Whoever does not look is stopped.
  await button(dialog, 'Save').click();
  await expect(note).toBeVisible();
  expect((await integrations.get('Shop')).fields.user).toBe('theirs');
  await button(dialog, 'Keep what I typed, take over the rest').click();
  await expect(note).toHaveCount(0);
  await expect(integrations.field('Database')).toHaveValue('their_shop');
  await expect(integrations.field('User')).toHaveValue('mine');
  await button(dialog, 'Save').click();
  await expect(dialog).toHaveCount(0);
  expect((await integrations.get('Shop')).fields).toMatchObject({
    user: 'mine',
    database: 'their_shop'
  });
});

test('a form without changes follows what somebody else changed', async ({
  page
}) => {
  const { integrations, dialog } = await edit(page);
  const { fields } = await integrations.get('Shop');
  await update(page, { fields: { ...fields, user: 'theirs' } });
  await expect(integrations.field('User')).toHaveValue('theirs');
  await button(dialog, 'Cancel').click();
  await expect(dialog).toHaveCount(0);
});

test('what was typed is not lost by Escape, a click outside, Cancel, or closing the tab', async ({
  page
}) => {
  const { integrations, dialog } = await edit(page);
  await integrations.field('User').fill('typed');
  const question = dialog.getByRole('alertdialog');
  for (const leave of [
    () => page.keyboard.press('Escape'),
    () => button(dialog, 'Cancel').click(),
    () => page.mouse.click(5, 5)
  ]) {
    await leave();
    await expect(question).toContainText('Discard what you typed?');
    await expect(button(question, 'Keep editing')).toBeFocused();
    await button(question, 'Keep editing').click();
    await expect(question).toHaveCount(0);
    await expect(integrations.field('User')).toHaveValue('typed');
  }
  const asked = page.waitForEvent('dialog');
  await page.close({ runBeforeUnload: true });
  const browser = await asked;
  expect(browser.type()).toBe('beforeunload');
  await browser.dismiss();
  await expect(integrations.field('User')).toHaveValue('typed');
  await page.keyboard.press('Escape');
  await bothThemes(
    page,
    'forms/discard',
    dialog.locator('.jp-Underpass-leaving')
  );
  // Escape in the question keeps what was typed.
  await page.keyboard.press('Escape');
  await expect(question).toHaveCount(0);
  await expect(dialog).toBeVisible();
  await integrations.leave();
});

test('a form that fails to be saved keeps what was typed', async ({ page }) => {
  const { integrations, dialog } = await edit(page);
  await integrations.field('User').fill('typed');
  await page.route('**/underpass/rpc*', route => route.abort());
  await button(dialog, 'Save').click();
  await expect(dialog.getByRole('alert')).toBeVisible();
  await page.unroute('**/underpass/rpc*');
  await expect(integrations.field('User')).toHaveValue('typed');
  await button(dialog, 'Save').click();
  await expect(dialog).toHaveCount(0);
  expect((await integrations.get('Shop')).fields.user).toBe('typed');
});
