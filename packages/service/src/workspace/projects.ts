import { realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import type { ProjectDescription } from '@underpass/protocol';

import { fail } from '../serviceError.js';
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

/** Every folder that has integrations connected, also one that was moved or deleted: its entry harms nobody. */
export function describeProjects(store: Store): ProjectDescription[] {
  const integrations = store.integrations();
  return Object.entries(store.projects()).map(([folder, ids]) => ({
    folder,
    integrations: integrations
      .filter(({ id }) => ids.includes(id))
      .map(({ name }) => name),
    exists: isFolder(folder)
  }));
}

/**
 * The folder as the workspace knows it.
 * @throws ServiceError `unknown-project`
 */
export function findProject(store: Store, folder: string): string {
  const projects = store.projects();
  const found = [folder, resolve(folder), realFolder(folder)].find(path =>
    Object.hasOwn(projects, path)
  );
  if (found === undefined) {
    throw fail(
      'unknown-project',
      'request',
      `No integrations are connected to ${folder}.`,
      'Look at the list of projects: underpass project list',
      { field: 'project' }
    );
  }
  return found;
}

/** Links resolved, so that one folder is one project; a folder that is gone keeps its path. */
function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
