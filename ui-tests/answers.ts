import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Response } from '@playwright/test';

/** Everything that the tunnel service says to the browser, until {@link texts} are asked for. */
export class Answers {
  constructor(private readonly _page: IJupyterLabPageFixture) {
    _page.on('response', this._onResponse);
  }

  /** What was said. A page that is left takes answers along that nobody has read, so no later one is read. */
  async texts(): Promise<string[]> {
    this._page.off('response', this._onResponse);
    return Promise.all(this._texts);
  }

  private readonly _onResponse = (response: Response) => {
    if (response.url().includes('underpass/rpc')) {
      this._texts.push(response.text());
    }
  };

  private readonly _texts: Promise<string>[] = [];
}
