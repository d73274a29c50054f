/**
 * A workspace with three integrations, whose file is changed behind its back.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Store } from '../workspace/store.js';

/** The file's members, to be changed as no version of this program would. */
export interface File {
  version: number;
  integrations: Record<string, unknown>[];
  [member: string]: unknown;
}

export const names = (store: Store) =>
  store.integrations().map(({ name }) => name);

export function three(home: string): Store {
  const store = new Store(home);
  for (const name of ['One', 'Two', 'Three']) {
    const { id } = store.add(
      'postgresql',
      name,
      { host: 'db.internal', user: 'me', database: 'shop' },
      { password: `of ${name}` }
    );
    store.setConnected('/project', id, true);
  }
  return store;
}

/** Change the file as a program would that keeps to its form: no checksum, no copy to fall back on. */
export function rewrite(
  home: string,
  change: (file: File) => void,
  { copy = false } = {}
): string {
  const path = join(home, 'workspace.json');
  const file = JSON.parse(readFileSync(path, 'utf8')) as File;
  change(file);
  delete file.checksum;
  const text = JSON.stringify(file);
  writeFileSync(path, text);
  if (!copy) {
    rmSync(`${path}.last-good`);
  }
  return text;
}
