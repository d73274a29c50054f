import AxeBuilder from '@axe-core/playwright';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, test } from '@jupyterlab/galata';

import { IntegrationsPage } from '../integrations';
import { NotebookPage } from '../notebook';
import { PrivateNetwork } from '../privateNetwork';
import { SqlCells } from '../sqlCell';

// Each screen is looked at with the rules of WCAG 2.1, levels A and AA, in the light and in the dark theme. Only what is
// ours: the selectors name our own nodes, and no rule is switched off. Of
// contrast, axe decides little but inputs within JupyterLab's panels: for the rest there are the pictures in both themes.
const levels = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];

test.use({ kernels: null, actionTimeout: 30_000 });
test.setTimeout(240_000);

let network: PrivateNetwork;

test.beforeAll(async () => {
  network = await PrivateNetwork.start();
});

test.afterAll(async () => {
  await network.stop();
});

test.afterEach(({ page }) => new IntegrationsPage(page).removeAll());

const sidebar = '#underpass-integrations';
/** Frame and buttons of a dialog are JupyterLab's. */
const inDialog = '.jp-Dialog .jp-Dialog-body';

/** Say what is wrong with a screen in either theme; the test goes on. */
async function check(
  page: IJupyterLabPageFixture,
  screen: string,
  ...selectors: string[]
): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    if (theme === 'dark') {
      await page.theme.setDarkTheme();
    }
    const builder = new AxeBuilder({ page }).withTags(levels);
    for (const selector of selectors) {
      await expect(page.locator(selector).first()).toBeVisible();
      builder.include(selector);
    }
    const { violations, passes, incomplete } = await builder.analyze();
    // What could not be decided is no better, but for the ids of hints that a form refers to and a field does not have.
    const undecided = incomplete.filter(
      ({ id }) => id !== 'aria-valid-attr-value'
    );
    expect.soft(passes.length, `${screen}, ${theme}: looked at`).not.toBe(0);
    expect
      .soft(
        [...violations, ...undecided].flatMap(({ id, nodes }) =>
          nodes.map(({ target, failureSummary }) => ({
            id,
            target: target.join(' '),
            why: failureSummary
          }))
        ),
        `${screen}, ${theme}`
      )
      .toEqual([]);
  }
  await page.theme.setLightTheme();
}

test('the sidebar, its menu and what it opens can be used with a screen reader', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  const { dialog } = integrations;
  const close = () => dialog.getByRole('button', { name: 'Close' }).click();
  await integrations.open();
  await expect(integrations.sidebar).toContainText('Connect your first');
  await check(page, 'empty sidebar', sidebar);

  await integrations.addByService('Prod', {
    marks: { production: true, readOnly: true }
  });
  await integrations.addByService('Elsewhere', { connect: false });
  await integrations.addByService('Tunnel', {
    type: 'ssh-tunnel',
    fields: {
      sshHost: '127.0.0.1',
      sshPort: 1,
      sshUser: 'me',
      remoteHost: 'api.internal',
      remotePort: 8080
    }
  });
  await integrations.choose('Tunnel', 'Open tunnel');
  await expect(integrations.item('Tunnel')).toContainText('refused');
  await check(page, 'sidebar', sidebar);
  await integrations.openMenu('Prod');
  // Around the entries it is Lumino's.
  await check(page, 'menu', '.lm-Menu-item[data-type="command"]');
  await page.keyboard.press('Escape');

  await integrations.sidebar
    .getByRole('button', { name: 'Workspace SSH key' })
    .click();
  await expect(dialog).toContainText('ssh-ed25519');
  await check(page, 'key', inDialog);
  await close();

  await integrations.sidebar
    .getByRole('button', { name: 'Authorize IP addresses' })
    .click();
  await check(page, 'egress', inDialog);
  await close();

  await integrations.choose('Prod', 'How to use');
  await expect(dialog).toContainText('%%sql');
  await check(page, 'how to use', inDialog);
  await close();

  await integrations.choose('Prod', 'Delete…');
  await check(page, 'delete', inDialog);
  await dialog.getByRole('button', { name: 'Cancel' }).click();

  await integrations.choose('Prod', 'Edit…');
  await expect(integrations.field('Host')).toHaveValue('db.internal');
  await integrations.field('Connect through an SSH bastion').check();
  await check(page, 'edit', inDialog);
  await integrations.leave();
});

test('adding an integration can be done with a screen reader', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  const { dialog } = integrations;
  await integrations.open();
  await integrations.openAdd();
  await expect(integrations.typeButton('PostgreSQL')).toBeVisible();
  await check(page, 'gallery', inDialog);
  await integrations.typeButton('PostgreSQL').click();
  await integrations.field('Connect through an SSH bastion').check();
  await dialog.locator('details:not([open]) > summary').first().click();
  await check(page, 'add', inDialog);

  await integrations.field('Name').fill('Shop');
  await integrations.add();
  await expect(dialog.getByRole('alert').first()).toBeVisible();
  await check(page, 'add, with an error', inDialog);

  await integrations.field('Host').fill('127.0.0.1');
  await integrations.field('User').fill('me');
  await integrations.field('Database').fill('shop');
  await integrations.field('SSH host').fill('127.0.0.1');
  await integrations.field('SSH port').fill('1');
  await integrations.field('SSH user').fill('me');
  await dialog.getByRole('button', { name: 'Test connection' }).click();
  await expect(dialog).toContainText('nothing listens');
  await check(page, 'test with a failure', inDialog);
  await integrations.leave();
});

test('host keys, SQL cells and running tunnels can be used with a screen reader', async ({
  page
}) => {
  const { bastion } = network.servers;
  const integrations = new IntegrationsPage(page);
  const { dialog } = integrations;
  await integrations.open();
  await integrations.addDatabase(network, 'Shop');
  await integrations.forgetHostKey(bastion);
  await integrations.choose('Shop', 'Test connection');
  await expect(dialog).toContainText(bastion.hostKeyFingerprint);
  await check(page, 'host key', inDialog);
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await expect(dialog).toContainText('The connection works.');
  await check(page, 'test', inDialog);
  await dialog.getByRole('button', { name: 'Close' }).click();

  const cells = new SqlCells(page);
  const notebook = new NotebookPage(page);
  await cells.open(
    '%%sql Shop -o df\nSELECT 1 AS n',
    '%%sql Shop\nSELECT no_such_column'
  );
  const header = '.jp-Notebook .jp-Underpass-sqlHeader';
  await expect(cells.at(0).header).toBeVisible();
  await check(page, 'SQL cell', header);
  await cells.at(0).enter();
  await notebook.runHere();
  await expect(cells.at(0).header).toContainText('1 row', { timeout: 30_000 });
  await cells.at(1).enter();
  await notebook.runHere();
  await expect(cells.at(1).header).toContainText('Failed', { timeout: 30_000 });
  await check(
    page,
    'SQL cells that ran',
    header,
    '.jp-Notebook .jp-OutputArea-output div[style*="pre-line"]'
  );

  await page.menu.clickMenuItem('Integrations>Show tunnels');
  await expect(page.locator('.jp-Underpass-runningTunnel')).toContainText(
    'Shop'
  );
  await check(page, 'running tunnels', '.jp-Underpass-runningTunnel');
});
