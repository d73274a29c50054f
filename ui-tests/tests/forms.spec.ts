import { expect, test } from '@jupyterlab/galata';

import { forms, strict } from '../forms';
import { IntegrationsPage } from '../integrations';
import { screenshot } from '../screenshots';

// A picture shows the whole form.
test.use({ viewport: { width: 900, height: 2000 } });

test('every type can be chosen', async ({ page }) => {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  const types = await integrations.types();
  expect(types.map(({ id }) => id).sort()).toEqual(Object.keys(forms).sort());
  await integrations.openAdd();
  for (const { label } of types) {
    await expect(integrations.typeButton(label)).toBeVisible();
  }
  await screenshot(
    integrations.dialog.locator('.jp-Dialog-content'),
    'forms/types'
  );
  // From the keyboard, too.
  const first = integrations.typeButton(types[0]?.label ?? '');
  await first.focus();
  await page.keyboard.press('Enter');
  await expect(integrations.field('Name')).toBeFocused();
});

for (const [type, { label, values, options, url }] of Object.entries(forms)) {
  test(`${label} is added from its form alone`, async ({ page }) => {
    const integrations = new IntegrationsPage(page);
    await integrations.open();
    await integrations.fillIn(label, { Name: `My ${label}`, ...values });
    await integrations.fillInOptions(options ?? {});
    await integrations.field('Name').scrollIntoViewIfNeeded();
    await screenshot(
      integrations.dialog.locator('.jp-Dialog-content'),
      `forms/${type}`
    );
    await integrations.add();
    await expect(integrations.dialog).toHaveCount(0);
    const item = integrations.item(`My ${label}`);
    await expect(
      item.locator(`[data-icon="underpass:type-${type}"]`)
    ).toBeVisible();
    const added = await integrations.added(`My ${label}`);
    expect(added.type).toBe(type);
    expect(added.fields.options ?? {}).toEqual(options ?? {});
    await integrations.remove(`My ${label}`);
  });

  if (url) {
    test(`a pasted URL fills in the form of ${label}`, async ({ page }) => {
      const integrations = new IntegrationsPage(page);
      await integrations.open();
      await integrations.openAdd();
      await integrations.paste(url.text);
      for (const [field, value] of Object.entries(url.fills)) {
        await expect.poll(() => integrations.shown(field)).toBe(value);
      }
      await expect(integrations.field('Paste a connection URL')).toHaveValue(
        ''
      );
    });
  }
}

test('a URL that no type knows is refused, and can be corrected', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  await integrations.openAdd();
  await integrations.paste('oracle://me:hunter2@db.internal/shop');
  const refused = integrations.dialog.getByRole('alert');
  await expect(refused).toContainText('No type of integration knows URLs');
  await expect(refused).not.toContainText('hunter2');
  const field = integrations.field('Paste a connection URL');
  await expect(field).toHaveValue('oracle://me:hunter2@db.internal/shop');
  await field.fill('postgres://me:hunter2@db.internal/shop?sslmode=verify-ca');
  await field.press('Enter');
  await expect(integrations.field('Password')).toHaveValue('hunter2');
  await expect(integrations.dialog.getByRole('status')).toContainText(
    'verify-ca checks the authority'
  );
});

test('an option that is refused is shown and said where it stands', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  await integrations.fillIn('PostgreSQL', {
    Name: 'x',
    Host: 'db.internal',
    User: 'me',
    Database: 'shop'
  });
  await integrations.fillInOptions({ search_path: 'a', sslmode: 'disable' });
  await integrations.add();
  await expect(integrations.dialog.getByRole('alert')).toContainText(
    '"sslmode" must not be set'
  );
  await expect(integrations.field('Name of option 2')).toBeFocused();
  await integrations.dialog
    .getByRole('button', { name: 'Remove option 2' })
    .click();
  await integrations.add();
  await expect(integrations.item('x')).toBeVisible();
  expect((await integrations.added('x')).fields.options).toEqual({
    search_path: 'a'
  });
  await integrations.remove('x');
});

test('a certificate has lines, and Enter in it makes one', async ({ page }) => {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  await integrations.fillIn('PostgreSQL', { TLS: strict });
  const certificate = integrations.field('CA certificate');
  await certificate.focus();
  await page.keyboard.type('one');
  await page.keyboard.press('Enter');
  await page.keyboard.type('two');
  await expect(certificate).toHaveValue('one\ntwo');
});
