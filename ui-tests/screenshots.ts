import { resolve } from 'node:path';

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

const wanted = Boolean(process.env.UNDERPASS_SCREENSHOTS);

/** Take a picture for the guides, when `UNDERPASS_SCREENSHOTS` asks for it. */
export async function screenshot(
  page: IJupyterLabPageFixture | Locator,
  name: string
): Promise<void> {
  if (wanted) {
    await page.screenshot({
      path: resolve(__dirname, '..', 'docs', 'images', `${name}.png`),
      animations: 'disabled',
      // Keys, which nobody should copy from a picture.
      style:
        '.jp-Underpass-keyNote pre, .jp-Dialog textarea { filter: blur(4px) }'
    });
  }
}

/**
 * The same picture in the light and in the dark theme (`<name>-dark`): of the page, or of what `shown` is cropped to.
 * Open dialogs and menus stay open.
 */
export async function bothThemes(
  page: IJupyterLabPageFixture,
  name: string,
  shown: IJupyterLabPageFixture | Locator = page
): Promise<void> {
  if (wanted) {
    await screenshot(shown, name);
    await page.theme.setDarkTheme();
    await screenshot(shown, `${name}-dark`);
    await page.theme.setLightTheme();
  }
}
