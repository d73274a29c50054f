import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** Where no notebooks of a person are, but many files. Hidden folders are left out, too. */
const passedOver = new Set(['node_modules', '__pycache__', 'site-packages']);

/** Something below a folder: a notebook, or a place that could not be looked at. */
export type Found =
  | { kind: 'notebook'; path: string }
  | { kind: 'unreadable' }
  | { kind: 'more' };

/**
 * The notebooks below a folder, those near the top first. Links are not followed: they may lead out of the folder, or
 * round in a circle.
 *
 * @param most entries of folders that are looked at; `more` says that there are others
 */
export async function* findNotebooks(
  root: string,
  most: number
): AsyncGenerator<Found> {
  let left = most;
  const folders = [''];
  for (let folder = folders.shift(); folder !== undefined;) {
    try {
      for await (const entry of await opendir(join(root, folder))) {
        if (left-- <= 0) {
          yield { kind: 'more' };
          return;
        }
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (isNotebook(entry)) {
          yield { kind: 'notebook', path };
        } else if (isEntered(entry)) {
          folders.push(path);
        }
      }
    } catch {
      // Not ours to read, or gone meanwhile.
      yield { kind: 'unreadable' };
    }
    folder = folders.shift();
  }
}

function isNotebook(entry: Dirent): boolean {
  return entry.isFile() && entry.name.toLowerCase().endsWith('.ipynb');
}

function isEntered(entry: Dirent): boolean {
  return (
    entry.isDirectory() &&
    !entry.name.startsWith('.') &&
    !passedOver.has(entry.name)
  );
}
