import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { IntegrationsPage } from '../integrations';

/** Nobody is there: only what is to be copied to it is looked at. */
const bastion = 'bastion.example.org';

async function open(
  page: IJupyterLabPageFixture,
  integrations: IntegrationsPage
): Promise<Locator> {
  await integrations.open();
  await integrations.sidebar
    .getByRole('button', { name: 'Workspace SSH key' })
    .click();
  const dialog = integrations.dialog.filter({ hasText: 'Public key' });
  await expect(dialog).toContainText('Where secrets are kept');
  return dialog;
}

test.describe.configure({ mode: 'serial' });

test('the dialog has for each bastion the line, cloud-init and Terraform to copy, and says where secrets are', async ({
  page
}) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  await integrations.fillIn('SSH tunnel', {
    Name: 'Reports API',
    'SSH host': bastion,
    'SSH user': 'tunnel',
    'Remote host': 'api.internal',
    'Remote port': 8080
  });
  await integrations.add();
  await expect(integrations.item('Reports API')).toBeVisible();

  const dialog = await open(page, integrations);
  await expect(dialog).toContainText('Made by Underpass.');
  await expect(dialog).toContainText('a file that only you can read');
  const publicKey = await dialog
    .locator('.jp-Underpass-publicKey pre')
    .textContent();
  const section = dialog.getByRole('region', { name: `tunnel@${bastion}` });
  await expect(section).toContainText(
    'For Reports API. Has not let this key in yet.'
  );
  await section
    .getByRole('button', { name: 'Copy authorized_keys line' })
    .click();
  const line = await clipboard();
  expect(line).toContain('permitopen="api.internal:8080"');
  expect(line.endsWith(` ${publicKey}`)).toBe(true);
  for (const [summary, begin] of [
    ['As cloud-init', '#cloud-config\n'],
    ['As Terraform', 'locals {\n']
  ] as const) {
    const details = section.locator('details').filter({ hasText: summary });
    await details.locator('summary').click();
    await details.getByRole('button', { name: 'Copy' }).click();
    const text = await clipboard();
    expect(text.startsWith(begin)).toBe(true);
    expect(text).toContain(JSON.stringify(line).slice(1, -1));
  }
});

test('the key is rotated after a question, and the previous one is deleted after another', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  const dialog = await open(page, integrations);
  const fingerprint = dialog.locator('.jp-Underpass-fingerprint').first();
  const former = (await fingerprint.textContent()) ?? '';
  const answer = (button: string) =>
    integrations.dialog
      .getByRole('region', { name: 'Rotation' })
      .getByRole('button', { name: button, exact: true })
      .click();

  await dialog.getByRole('button', { name: 'Rotate the key…' }).click();
  await answer('Cancel');
  await expect(fingerprint).toHaveText(former);

  await dialog.getByRole('button', { name: 'Rotate the key…' }).click();
  await answer('Rotate');
  await expect(fingerprint).not.toHaveText(former);
  const rotation = dialog.getByRole('region', { name: 'Rotation' });
  await expect(rotation).toContainText(former);
  await expect(rotation).toContainText(`tunnel@${bastion}`);

  await rotation
    .getByRole('button', { name: 'Delete the previous key…' })
    .click();
  await answer('Delete');
  await expect(rotation).not.toContainText(former);
  await expect(fingerprint).not.toHaveText(former);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await integrations.remove('Reports API');
});
