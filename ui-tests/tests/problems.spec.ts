import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jupyterlab/galata';

import { IntegrationsPage } from '../integrations';

test('a damaged workspace file is said in the sidebar, with what to do, and what could be read is there', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.open();
  for (const name of ['Damaged', 'Whole']) {
    await integrations.fillIn('SSH tunnel', {
      Name: name,
      'SSH host': 'bastion.example.org',
      'SSH user': 'me',
      'Remote host': 'api.internal',
      'Remote port': 8080
    });
    await integrations.add();
    await expect(integrations.item(name)).toBeVisible();
  }
  const path = join(await integrations.workspace(), 'workspace.json');
  const file = JSON.parse(readFileSync(path, 'utf8')) as {
    integrations: { name: string; fields: unknown }[];
    checksum?: string;
  };
  for (const integration of file.integrations) {
    if (integration.name === 'Damaged') {
      integration.fields = 'no fields';
    }
  }
  delete file.checksum;
  rmSync(`${path}.last-good`);
  writeFileSync(path, JSON.stringify(file));

  const [problem] = await integrations.problems();
  const notice = integrations.sidebar.getByRole('status', { name: 'Problems' });
  await expect(notice).toContainText('Problem with workspace.json');
  await expect(notice).toContainText('"Damaged" can not be read');
  await expect(notice).toContainText(problem?.keptAs ?? 'a kept file');
  await expect(integrations.item('Whole')).toBeVisible();
  await expect(integrations.item('Damaged')).toHaveCount(0);

  // Closed until the page is loaded again, also from the keyboard.
  const close = notice.getByRole('button', {
    name: 'Close the notice about workspace.json'
  });
  await close.focus();
  await page.keyboard.press('Enter');
  await expect(notice).toHaveCount(0);
  await integrations.remove('Whole');
  await expect(integrations.item('Whole')).toHaveCount(0);
  await expect(notice).toHaveCount(0);
  await page.reload();
  await integrations.open();
  await expect(notice).toBeVisible();

  // Over when the damaged file is deleted.
  rmSync(problem?.keptAs ?? '');
  await page.reload();
  await integrations.open();
  await expect(integrations.sidebar).toContainText('Connect your first');
  await expect(notice).toHaveCount(0);
});

test('an integration that this version can not use is shown with the reason', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  const path = join(await integrations.workspace(), 'workspace.json');
  const file = JSON.parse(readFileSync(path, 'utf8')) as {
    integrations: object[];
    checksum?: string;
  };
  delete file.checksum;
  file.integrations.push({
    id: 'of-a-later-version',
    type: 'oracle',
    name: 'Later',
    aliases: [],
    fields: {}
  });
  writeFileSync(path, JSON.stringify(file));
  // Whoever asks next makes the service look.
  expect(await integrations.problems()).toEqual([]);
  await integrations.open();
  await expect(integrations.item('Later')).toContainText(
    'knows no type "oracle"'
  );
  await expect(
    integrations.sidebar.getByRole('button', { name: 'Try Later again' })
  ).toHaveCount(0);
  await integrations.remove('Later');
});
