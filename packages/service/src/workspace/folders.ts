/**
 * The folders that everything of ours lies in: made for the user alone, and refused where others could put something
 * into them. The Python side does the same.
 */
import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  mkdirSync,
  realpathSync,
  type Stats,
  statSync
} from 'node:fs';
import { dirname } from 'node:path';

import { fail, systemCode } from '../serviceError.js';

/** Undefined on Windows, where the user's profile is closed to others. */
const ownUid = process.getuid?.();
const writableByOthers = 0o022;

/**
 * @returns the workspace's real path
 * @throws ServiceError `storage-failed`
 */
export function openHome(path: string): string {
  try {
    makePrivate(path);
    const real = realpathSync(path);
    if (!statSync(real).isDirectory()) {
      throw Object.assign(new Error(), { code: 'ENOTDIR' });
    }
    accessSync(real, constants.R_OK | constants.X_OK);
    return real;
  } catch (error) {
    throw fail(
      'storage-failed',
      'request',
      `The workspace's folder ${path} can not be used (${systemCode(error) ?? String(error)}).`,
      'Set UNDERPASS_HOME to a folder of yours, or unset it.',
      { path }
    );
  }
}

/**
 * Where the socket lies. Whoever can write there could put a socket of their own in its place, and be told passwords.
 * @throws ServiceError `storage-failed` or `service-unavailable`
 */
export function openRuntime(path: string): string {
  let found: Stats;
  try {
    makePrivate(path);
    found = statSync(path);
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw fail(
      'storage-failed',
      'request',
      `The runtime folder ${path} can not be used (${systemCode(error) ?? String(error)}).`,
      'Set UNDERPASS_RUNTIME_DIR to a folder of yours on a local disk.',
      { path }
    );
  }
  if (!found.isDirectory() || !isOwn(found)) {
    throw fail(
      'service-unavailable',
      'request',
      `The runtime folder ${path} is not a folder of yours.`,
      'Set UNDERPASS_RUNTIME_DIR to a folder of yours on a local disk.',
      { path }
    );
  }
  if (ownUid !== undefined && (found.mode & writableByOthers) !== 0) {
    throw fail(
      'service-unavailable',
      'request',
      `Others may write to the runtime folder ${path}, and so could pose as the tunnel service.`,
      `Take that right away: chmod go-w "${path}"`,
      { path }
    );
  }
  return path;
}

/**
 * A folder in a place where everybody may write: it must be ours alone.
 * @throws ServiceError `service-unavailable`
 */
export function privateFolder(path: string): string {
  makePrivate(path);
  const found = lstatSync(path);
  if (!found.isDirectory() || !isOwn(found) || (found.mode & 0o077) !== 0) {
    throw fail(
      'service-unavailable',
      'request',
      `${path} is not a private folder of yours.`,
      'Set UNDERPASS_RUNTIME_DIR to a short path of a folder that only you can use.',
      { path }
    );
  }
  return path;
}

function isOwn({ uid }: Stats): boolean {
  return ownUid === undefined || uid === ownUid;
}

/** Make a folder and those above it, for the user alone whatever the umask is. One that is there stays as it is. */
function makePrivate(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })) {
    return;
  }
  const parent = dirname(path);
  if (parent !== path) {
    makePrivate(parent);
  }
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Somebody was faster.
    if (systemCode(error) !== 'EEXIST') {
      throw error;
    }
    return;
  }
  chmodSync(path, 0o700);
}
