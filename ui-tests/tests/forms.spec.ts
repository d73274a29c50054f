import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '@jupyterlab/galata';

import { forms, strict } from '../forms';
import { IntegrationsPage } from '../integrations';
import { bothThemes } from '../screenshots';

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
  await bothThemes(
    page,
    'forms/types',
    integrations.dialog.locator('.jp-Dialog-content')
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
    await bothThemes(
      page,
      `forms/${type}`,
      integrations.dialog.locator('.jp-Dialog-content')
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

test('types are searched by what people call them, and Enter takes the first', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  await integrations.openAdd();
  const { dialog } = integrations;
  const search = dialog.getByRole('searchbox', { name: 'Search types' });
  await expect(search).toBeFocused();
  const found = dialog.locator('.jp-Underpass-type > :last-child');
  for (const [typed, labels] of [
    ['postgres', ['PostgreSQL']],
    ['mssql', ['SQL Server']],
    ['presto', ['Trino']]
  ] as const) {
    await search.fill(typed);
    await expect(found).toHaveText(labels);
  }
  await search.fill('jdbc');
  await expect(found).not.toHaveCount(0);
  await expect(integrations.typeButton('SSH tunnel')).toHaveCount(0);
  await search.fill('oracle');
  await expect(found).toHaveCount(0);
  await expect(dialog).toContainText('No type is called "oracle".');
  await search.fill('maria');
  await search.press('Enter');
  await expect(dialog.locator('.jp-Underpass-formType')).toContainText(
    'MariaDB'
  );
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
});

test('a bastion is told of the key with the least rights, and each TLS mode says what it checks', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  await integrations.fillIn('PostgreSQL', {
    Name: 'Shop',
    User: 'me',
    Database: 'shop',
    'Connect through an SSH bastion': true
  });
  const { dialog } = integrations;
  await expect(dialog.getByLabel('public key', { exact: true })).toHaveText(
    /^ssh-ed25519 /
  );
  await expect(dialog).toContainText('Fill in the rest of the address');
  await integrations.field('Host').fill('db.internal');
  await integrations.field('SSH host').fill('bastion.example.org');
  await integrations.field('SSH user').fill('me');
  const line = dialog.getByLabel('authorized_keys line', { exact: true });
  await expect(line).toHaveText(
    /^restrict,.*permitopen="db\.internal:5432" ssh-ed25519 /
  );
  await dialog
    .getByRole('button', { name: 'Copy authorized_keys line' })
    .click();
  await expect(dialog).toContainText('Copied');
  for (const [mode, meaning] of [
    ['Preferred', 'Nothing is checked.'],
    ['Required', 'The certificate is not checked'],
    ['Strict', 'for the name of this host']
  ] as const) {
    await expect(
      integrations.field('TLS').getByRole('radio', { name: mode, exact: true })
    ).toHaveAccessibleDescription(new RegExp(meaning));
  }
  await dialog.getByRole('switch', { name: 'Production' }).check();
  await bothThemes(page, 'forms/ssh', dialog.locator('.jp-Dialog-content'));
  await integrations.leave();
});

test('a CA certificate is told by subject, issuer and expiry, from a file or pasted', async ({
  page
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'underpass-forms-'));
  const issue = (name: string, subject: string, ca: boolean) => {
    const path = join(folder, name);
    const options = [
      ...['req', '-x509', '-newkey', 'ed25519', '-nodes', '-days', '3650'],
      ...['-keyout', join(folder, 'key'), '-subj', subject, '-out', path],
      ...['-addext', `basicConstraints=critical,CA:${ca ? 'TRUE' : 'FALSE'}`]
    ];
    execFileSync('openssl', options, { stdio: 'ignore' });
    return path;
  };
  const ca = issue('ca.pem', '/O=Example/CN=Our root', true);
  const server = issue('server.pem', '/CN=db.internal', false);
  const der = join(folder, 'ca.der');
  execFileSync('openssl', [
    ...['x509', '-in', ca, '-outform', 'DER', '-out', der]
  ]);
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  await integrations.fillIn('PostgreSQL', { TLS: strict });
  const { dialog } = integrations;
  const field = integrations.field('CA certificate');
  const file = dialog.getByLabel('File of CA certificate');
  const told = dialog.getByRole('status', { name: 'Certificates' });
  await field.fill('hello');
  await expect(dialog.getByRole('alert')).toContainText(
    'no certificate in PEM or DER'
  );
  // What is in a file replaces it, in PEM whatever it was.
  await file.setInputFiles(der);
  await expect(told).toContainText('CN=Our root, O=Example');
  await expect(told).toContainText('Issued by itself. Expires on 20');
  await expect(field).toHaveValue(readFileSync(ca, 'utf8').trim());
  await expect(dialog.getByRole('alert')).toHaveCount(0);
  await field.fill(readFileSync(ca, 'utf8') + readFileSync(server, 'utf8'));
  await expect(told.getByRole('listitem')).toHaveCount(2);
  await expect(told).toContainText('It is not a CA certificate');
  await bothThemes(
    page,
    'forms/certificates',
    dialog.locator('.jp-Dialog-content')
  );
  // A file that is none leaves what was there.
  await file.setInputFiles(join(folder, 'key'));
  await expect(dialog.getByRole('alert')).toContainText(
    'key: This holds a private key'
  );
  await expect(field).toHaveValue(/BEGIN CERTIFICATE/);
  rmSync(folder, { recursive: true });
  await integrations.leave();
});
