import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import type { PrivateNetwork, Servers } from './privateNetwork';

/** The fields that lead through the bastion. */
const throughBastion = ({ host, port, user }: Servers['bastion']) => ({
  sshEnabled: true,
  sshHost: host,
  sshPort: port,
  sshUser: user
});

/** What a person does in the Integrations sidebar. */
export class IntegrationsPage {
  constructor(private readonly _page: IJupyterLabPageFixture) {}

  get sidebar(): Locator {
    return this._page.getByRole('region', { name: 'Integrations' });
  }

  get dialog(): Locator {
    return this._page.locator('.jp-Dialog');
  }

  async open(): Promise<void> {
    await this._page.sidebar.openTab('underpass-integrations');
  }

  /** A field of the open form. */
  field(label: string): Locator {
    return this.dialog.getByLabel(label, { exact: true });
  }

  /** What a field of the open form shows: its text, or the title of what is chosen. */
  async shown(label: string): Promise<string> {
    return this.field(label).evaluate(
      (field: HTMLInputElement | HTMLSelectElement) =>
        field instanceof HTMLSelectElement
          ? (field.selectedOptions[0]?.label ?? '')
          : field.role === 'radiogroup'
            ? (field.querySelector<HTMLInputElement>(':checked')?.labels?.[0]
                ?.textContent ?? '')
            : field.value
    );
  }

  /** The entry of one integration. */
  item(name: string): Locator {
    // Its icon has letters, too.
    return this.sidebar.getByRole('listitem').filter({
      has: this._page.locator('.jp-Underpass-itemName', {
        hasText: new RegExp(`^${name}`)
      })
    });
  }

  async openMenu(name: string): Promise<Locator> {
    await this.sidebar
      .getByRole('button', { name: `More actions for ${name}` })
      .click();
    return this._page.getByRole('menu');
  }

  async choose(name: string, action: string): Promise<void> {
    const menu = await this.openMenu(name);
    await menu.getByRole('menuitem', { name: action, exact: true }).click();
  }

  /** The public key, from its dialog. */
  async publicKey(): Promise<string> {
    await this.sidebar
      .getByRole('button', { name: 'Workspace SSH key' })
      .click();
    const key = this.dialog.locator('.jp-Underpass-publicKey pre');
    const text = (await key.textContent()) ?? '';
    await this.dialog.getByRole('button', { name: 'Close' }).click();
    return text;
  }

  /** What the service offers. */
  async types(): Promise<{ id: string; label: string }[]> {
    const { types } = await this._ask<{
      types: { id: string; label: string }[];
    }>('underpass/types/list', {});
    return types;
  }

  /** An integration as the service has it. */
  async added(
    integration: string
  ): Promise<{ type: string; fields: { [field: string]: unknown } }> {
    return this._ask('underpass/integrations/get', { integration });
  }

  /** All that a browser may know of an integration. */
  async get(integration: string): Promise<{
    fields: { [field: string]: unknown };
  }> {
    return this._ask('underpass/integrations/get', { integration });
  }

  /** The public key that the open form shows when SSH is switched on. */
  async keyInForm(): Promise<string> {
    await this.field('Connect through an SSH bastion').check();
    const key = this.dialog.getByLabel('public key', { exact: true });
    return (await key.textContent()) ?? '';
  }

  /** Close the open form without saving what was typed. */
  async leave(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Cancel' }).click();
    await this.dialog.getByRole('button', { name: 'Discard' }).click();
  }

  /** Without the form. */
  async addDirectly(
    type: string,
    name: string,
    fields: object,
    secrets: object = {}
  ): Promise<void> {
    const params = { type, name, fields, secrets };
    await this._ask('underpass/integrations/add', params);
  }

  /** A database behind the bastion, which knows the key and is known: everything but the query was done. */
  async addDatabase(network: PrivateNetwork, name: string): Promise<void> {
    const { bastion, postgresql } = network.servers;
    network.authorize(await this.publicKey());
    await this._ask('underpass/hostKeys/approve', {
      host: bastion.host,
      port: bastion.port,
      fingerprint: bastion.hostKeyFingerprint
    });
    const { host, port, user, database, password } = postgresql;
    await this.addDirectly(
      'postgresql',
      name,
      { host, port, user, database, ...throughBastion(bastion) },
      { password }
    );
  }

  /** Without asking, unlike the menu. */
  async remove(integration: string): Promise<void> {
    await this._ask('underpass/integrations/remove', { integration });
  }

  /** All of them, also those that the sidebar does not show yet. */
  async removeAll(): Promise<void> {
    const { integrations } = await this._ask<{
      integrations: { id: string }[];
    }>('underpass/integrations/list', {});
    for (const { id } of integrations) {
      await this.remove(id);
    }
  }

  /** As by the command line: the sidebar shows it as soon as the service has told. */
  async addByService(
    name: string,
    more: object = {}
  ): Promise<{ id: string; forward?: { localPort: number } }> {
    return this._ask('underpass/integrations/add', {
      type: 'postgresql',
      name,
      fields: { host: 'db.internal', user: 'me', database: 'shop' },
      secrets: {},
      ...more
    });
  }

  async openAdd(): Promise<void> {
    await this.sidebar
      .getByRole('button', { name: 'Add integration' })
      .first()
      .click();
  }

  typeButton(label: string): Locator {
    return this.dialog.getByRole('button', { name: label, exact: true });
  }

  /** Fill in the form of a type, from the top; does not send it. */
  async fillIn(
    type: string,
    values: { [label: string]: string | number | true }
  ): Promise<void> {
    await this.openAdd();
    await this.typeButton(type).click();
    for (const [label, value] of Object.entries(values)) {
      const field = this.field(label);
      if (value === true) {
        await field.check();
      } else if ((await field.getAttribute('role')) === 'radiogroup') {
        await field
          .getByRole('radio', { name: String(value), exact: true })
          .check();
      } else if (
        (await field.evaluate(({ tagName }) => tagName)) === 'SELECT'
      ) {
        await field.selectOption({ label: String(value) });
      } else {
        await field.fill(String(value));
      }
    }
  }

  /** Fill in names and values of the open form, behind those that are there. */
  async fillInOptions(options: { [name: string]: string }): Promise<void> {
    const more = this.dialog.locator('details:not([open]) > summary');
    if (Object.keys(options).length > 0 && (await more.count()) > 0) {
      await more.click();
    }
    for (const [name, value] of Object.entries(options)) {
      await this.dialog.getByRole('button', { name: 'Add an option' }).click();
      const row = this.dialog.locator('.jp-Underpass-keyValue').last();
      await row.getByLabel('Name of option').fill(name);
      await row.getByLabel('Value of option').fill(value);
    }
  }

  /** Paste a connection URL into the Add dialog. */
  async paste(url: string): Promise<void> {
    await this._page
      .context()
      .grantPermissions(['clipboard-read', 'clipboard-write']);
    await this._page.evaluate(text => navigator.clipboard.writeText(text), url);
    await this.field('Paste a connection URL').focus();
    await this._page.keyboard.press('Control+V');
  }

  async add(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Add', exact: true }).click();
  }

  /** Folder of the workspace. */
  async workspace(): Promise<string> {
    const { workspace } = await this._ask<{ workspace: string }>(
      'underpass/status',
      {}
    );
    return workspace;
  }

  /** What the service says of its files. */
  async problems(): Promise<{ path: string; keptAs?: string }[]> {
    const { problems } = await this._ask<{
      problems: { path: string; keptAs?: string }[];
    }>('underpass/workspace/problems', {});
    return problems;
  }

  /** As if the machine had run out of memory. */
  async killService(): Promise<void> {
    const { pid } = await this._ask<{ pid: number }>('underpass/status', {});
    process.kill(pid, 'SIGKILL');
  }

  /** Approve the host key, as whoever has compared its fingerprint. */
  async trust({
    host,
    port,
    hostKeyFingerprint
  }: {
    host: string;
    port: number;
    hostKeyFingerprint: string;
  }): Promise<void> {
    await this._ask('underpass/hostKeys/approve', {
      host,
      port,
      fingerprint: hostKeyFingerprint
    });
  }

  async forgetHostKey({
    host,
    port
  }: {
    host: string;
    port: number;
  }): Promise<void> {
    await this._ask('underpass/hostKeys/remove', { host, port });
  }

  private async _ask<T>(method: string, params: object): Promise<T> {
    const answer = await this._page.request.post('underpass/rpc', {
      data: { method, params, path: '' }
    });
    const { result, failure } = (await answer.json()) as {
      result?: T;
      failure?: unknown;
    };
    if (result === undefined) {
      throw new Error(`${method}: ${JSON.stringify(failure)}`);
    }
    return result;
  }
}
