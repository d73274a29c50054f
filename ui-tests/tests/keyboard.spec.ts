import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { IntegrationsPage } from '../integrations';
import { NotebookPage } from '../notebook';
import { PrivateNetwork } from '../privateNetwork';

test.use({ kernels: null });

/** Go on with the Tab key until something has the focus, which must be seen. */
async function tabTo(
  page: IJupyterLabPageFixture,
  wanted: Locator
): Promise<void> {
  await expect(wanted).toBeVisible();
  for (let presses = 0; presses < 60; presses++) {
    if (
      await wanted.evaluate(
        node =>
          node === (node.getRootNode() as Document | ShadowRoot).activeElement
      )
    ) {
      break;
    }
    await page.keyboard.press('Tab');
  }
  await expect(wanted).toBeFocused();
  expect(
    await wanted.evaluate(node => {
      // A field may leave it to its frame.
      const frames = [node, node.parentElement ?? node];
      return frames.some(frame => {
        const { outlineStyle, boxShadow } = getComputedStyle(frame);
        return outlineStyle !== 'none' || boxShadow !== 'none';
      });
    }),
    `the focus on ${wanted.toString()} is seen`
  ).toBe(true);
}

test('from opening the sidebar to a result, without a mouse', async ({
  page
}) => {
  test.setTimeout(180_000);
  const network = await PrivateNetwork.start();
  const { bastion, postgresql } = network.servers;
  const integrations = new IntegrationsPage(page);
  const { dialog, sidebar } = integrations;
  const { keyboard } = page;
  try {
    await page.notebook.createNew();
    await new NotebookPage(page).kernelIsIdle();
    await keyboard.press('Escape');
    await keyboard.press('Control+Shift+C');
    await keyboard.type('Show Integrations');
    await keyboard.press('Enter');
    await expect(sidebar).toBeVisible();

    await tabTo(
      page,
      sidebar.getByRole('button', { name: 'Show the public key' })
    );
    await keyboard.press('Enter');
    const key = dialog.locator('.jp-Underpass-publicKey pre');
    network.authorize((await key.textContent()) ?? '');
    await tabTo(page, dialog.getByRole('button', { name: 'Close' }));
    await keyboard.press('Enter');
    await expect(dialog).toHaveCount(0);

    await tabTo(page, sidebar.locator('.jp-Underpass-empty .jp-mod-accept'));
    await keyboard.press('Enter');
    await expect(dialog.getByLabel('Search types')).toBeFocused();
    await keyboard.type('postgresql');
    await keyboard.press('Enter');
    for (const [label, value] of [
      ['Name', 'By keyboard'],
      ['Host', postgresql.host],
      ['User', postgresql.user],
      ['Password', postgresql.password],
      ['Database', postgresql.database],
      ['Connect through an SSH bastion', null],
      ['SSH host', bastion.host],
      ['SSH port', bastion.port],
      ['SSH user', bastion.user]
    ] as const) {
      await tabTo(page, integrations.field(label));
      if (value === null) {
        await keyboard.press('Space');
      } else {
        await keyboard.press('Control+A');
        await keyboard.type(String(value));
      }
    }
    await tabTo(page, dialog.getByRole('button', { name: 'Test connection' }));
    await keyboard.press('Enter');
    await tabTo(page, dialog.getByRole('button', { name: 'Approve' }));
    await keyboard.press('Enter');
    await expect(dialog).toContainText('The connection works.');
    await tabTo(page, dialog.getByRole('button', { name: 'Add', exact: true }));
    await keyboard.press('Enter');
    await expect(dialog).toHaveCount(0);

    await tabTo(
      page,
      sidebar.getByRole('button', { name: 'More actions for By keyboard' })
    );
    await keyboard.press('Enter');
    await expect(page.locator('.lm-Menu')).toBeFocused();
    await choose(page, 'Insert SQL cell');
    const cell = page.locator('.jp-CodeCell', { hasText: 'SELECT 42' });
    await keyboard.type('SELECT 42 AS answer');
    await expect(cell).toBeVisible();
    await keyboard.press('Control+Enter');
    await expect(cell.locator('table')).toContainText('42', {
      timeout: 30_000
    });
  } finally {
    await integrations.removeAll();
    await network.stop();
  }
});

/** Go down in the menu that has the focus. */
async function choose(
  page: IJupyterLabPageFixture,
  name: string
): Promise<void> {
  const chosen = page.locator('.lm-Menu').getByRole('menuitem', { name });
  for (let item = 0; item < 10; item++) {
    await page.keyboard.press('ArrowDown');
    if (/lm-mod-active/.test((await chosen.getAttribute('class')) ?? '')) {
      break;
    }
  }
  await page.keyboard.press('Enter');
}

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
  await choose(page, 'How to use');
  await expect(integrations.dialog).toContainText('How to use By keyboard');
  await page.keyboard.press('Escape');
  await expect(integrations.dialog).toHaveCount(0);
  await expect(button).toBeFocused();

  await integrations.remove(
    ((await added.json()) as { result: { id: string } }).result.id
  );
});
