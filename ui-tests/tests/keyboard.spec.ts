import { expect, test } from '@jupyterlab/galata';

import { IntegrationsPage } from '../integrations';

test('a menu and the dialogs that it opens give the focus back to its button', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  const added = await page.request.post('underpass/rpc', {
    data: {
      method: 'underpass/integrations/add',
      params: {
        type: 'postgresql',
        name: 'By keyboard',
        fields: { host: '127.0.0.1', user: 'me', database: 'shop' },
        secrets: {}
      },
      path: ''
    }
  });
  expect(await added.json()).toHaveProperty('result');
  await integrations.open();
  const button = integrations.sidebar.getByRole('button', {
    name: 'More actions for By keyboard'
  });
  const menu = page.locator('.lm-Menu');

  await button.focus();
  await page.keyboard.press('Enter');
  await expect(menu).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(menu).toHaveCount(0);
  await expect(button).toBeFocused();

  await page.keyboard.press('Enter');
  await expect(menu).toBeFocused();
  const chosen = menu.getByRole('menuitem', { name: 'How to use' });
  for (let item = 0; item < 10; item++) {
    await page.keyboard.press('ArrowDown');
    if (/lm-mod-active/.test((await chosen.getAttribute('class')) ?? '')) {
      break;
    }
  }
  await page.keyboard.press('Enter');
  await expect(integrations.dialog).toContainText('How to use By keyboard');
  await page.keyboard.press('Escape');
  await expect(integrations.dialog).toHaveCount(0);
  await expect(button).toBeFocused();

  await integrations.remove(
    ((await added.json()) as { result: { id: string } }).result.id
  );
});
