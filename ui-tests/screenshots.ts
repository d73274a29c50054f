import { resolve } from 'node:path';

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

const wanted = Boolean(process.env.UNDERPASS_SCREENSHOTS);

/** What a picture shows: the page, one part of it, or the rectangle around several. */
type Shown = IJupyterLabPageFixture | Locator | readonly Locator[];

/** Pixels around parts of the page. */
const margin = 6;

/** Take a picture for the guides, when `UNDERPASS_SCREENSHOTS` asks for it. */
export async function screenshot(
  page: IJupyterLabPageFixture | Locator,
  name: string
): Promise<void> {
  if (wanted) {
    await page.screenshot(optionsFor(name));
  }
}

/**
 * The same picture in the light and in the dark theme (`<name>-dark`). Open dialogs and menus stay open.
 */
export async function bothThemes(
  page: IJupyterLabPageFixture,
  name: string,
  shown: Shown = page
): Promise<void> {
  if (wanted) {
    await take(page, name, shown);
    await page.theme.setDarkTheme();
    await take(page, `${name}-dark`, shown);
    await page.theme.setLightTheme();
  }
}

async function take(
  page: IJupyterLabPageFixture,
  name: string,
  shown: Shown
): Promise<void> {
  if (isSeveral(shown)) {
    const clip = await around(shown);
    await page.screenshot({ ...optionsFor(name), clip });
  } else {
    await screenshot(shown, name);
  }
}

const isSeveral = (shown: Shown): shown is readonly Locator[] =>
  Array.isArray(shown);

const optionsFor = (name: string) => ({
  path: resolve(__dirname, '..', 'docs', 'images', `${name}.png`),
  animations: 'disabled' as const,
  // Keys, which nobody should copy from a picture.
  style: '.jp-Underpass-keyNote pre, .jp-Dialog textarea { filter: blur(4px) }'
});

/** The rectangle that holds all of them. */
async function around(parts: readonly Locator[]) {
  const boxes = await Promise.all(
    parts.map(async part => {
      const box = await part.boundingBox();
      if (!box) {
        throw new Error(`${part.toString()} is not shown.`);
      }
      return box;
    })
  );
  const x = Math.max(0, Math.min(...boxes.map(box => box.x)) - margin);
  const y = Math.max(0, Math.min(...boxes.map(box => box.y)) - margin);
  return {
    x,
    y,
    width: Math.max(...boxes.map(box => box.x + box.width)) + margin - x,
    height: Math.max(...boxes.map(box => box.y + box.height)) + margin - y
  };
}
