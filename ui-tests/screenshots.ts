import { resolve } from 'node:path';

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

/** Take a picture for the guides, when `UNDERPASS_SCREENSHOTS` asks for it. */
export async function screenshot(
  page: IJupyterLabPageFixture | Locator,
  name: string
): Promise<void> {
  if (process.env.UNDERPASS_SCREENSHOTS) {
    await page.screenshot({
      path: resolve(__dirname, '..', 'docs', 'images', `${name}.png`),
      animations: 'disabled',
      // Keys, which nobody should copy from a picture.
      style:
        '.jp-Underpass-keyNote pre, .jp-Dialog textarea { filter: blur(4px) }'
    });
  }
}
