import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

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

  /** The entry of one integration. */
  item(name: string): Locator {
    return this.sidebar
      .getByRole('listitem')
      .filter({ hasText: new RegExp(`^${name}`) });
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

  /** Fill in the form of a type, from the top; does not send it. */
  async fillIn(
    type: string,
    values: { [label: string]: string | number | true }
  ): Promise<void> {
    await this.sidebar
      .getByRole('button', { name: 'Add integration' })
      .first()
      .click();
    await this.dialog.getByRole('button', { name: type }).click();
    for (const [label, value] of Object.entries(values)) {
      const field = this.field(label);
      if (value === true) {
        await field.check();
      } else {
        await field.fill(String(value));
      }
    }
  }

  async add(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Add', exact: true }).click();
  }

  /** As if the machine had run out of memory. */
  async killService(): Promise<void> {
    const { pid } = await this._ask<{ pid: number }>('underpass/status', {});
    process.kill(pid, 'SIGKILL');
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
    const { result } = (await answer.json()) as { result: T };
    return result;
  }
}
