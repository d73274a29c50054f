import { expect, test } from '@jupyterlab/galata';

import { IntegrationsPage } from '../integrations';

const integration = {
  type: 'ssh-tunnel',
  name: 'Elsewhere',
  fields: {
    sshHost: 'bastion.invalid',
    sshPort: 22,
    sshUser: 'me',
    remoteHost: 'db.internal',
    remotePort: 5432
  }
};

const note = 'runs on another machine';

test('a notebook whose kernel runs elsewhere is told so until it gets another one', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await page.evaluate(async ({ type, name, fields }) => {
    const { serverSettings } = window.jupyterapp.serviceManager;
    const body = {
      method: 'underpass/integrations/add',
      params: { type, name, fields },
      path: ''
    };
    await fetch(`${serverSettings.baseUrl}underpass/rpc`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Authorization: `token ${serverSettings.token}`,
        'X-XSRFToken': /_xsrf=([^;]+)/.exec(document.cookie)?.[1] ?? ''
      },
      body: JSON.stringify(body)
    });
  }, integration);
  await integrations.open();
  await expect(integrations.item('Elsewhere')).toBeVisible();

  await page.notebook.createNew('distant.ipynb', { kernel: 'distant' });
  await integrations.open();
  await expect(integrations.sidebar.getByText(note)).toBeVisible();
  await integrations.choose('Elsewhere', 'How to use');
  await expect(integrations.dialog.getByText(note)).toBeVisible();
  await expect(
    integrations.dialog.getByText('started by the provisioner')
  ).toBeVisible();
  await integrations.dialog.getByRole('button', { name: 'Close' }).click();

  await page.menu.clickMenuItem('Kernel>Change Kernel…');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox').selectOption('{"name":"python3"}');
  await dialog.getByRole('button', { name: 'Select' }).first().click();
  await expect(integrations.sidebar.getByText(note)).toBeHidden();
  // Other tests begin with an empty workspace.
  await integrations.remove(integration.name);
});
