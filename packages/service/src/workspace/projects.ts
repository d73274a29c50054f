import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import type { Store } from './store.js';

/** The nearest folder above (or the folder itself) that has integrations connected; the folder itself if none has. */
export function projectOf(store: Store, folder: string): string {
  const start = realFolder(folder);
  const projects = store.projects();
  for (
    let current = start, parent = dirname(current);
    ;
    current = parent, parent = dirname(current)
  ) {
    if ((projects[current]?.length ?? 0) > 0) {
      return current;
    }
    if (parent === current) {
      return start;
    }
  }
}

export function isConnected(
  store: Store,
  project: string,
  id: string
): boolean {
  return store.projects()[project]?.includes(id) ?? false;
}

/** Links resolved, so that one folder is one project; a folder that is gone keeps its path. */
function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder);
  }
}
