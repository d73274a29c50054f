import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';

import { fail, systemCode } from '../serviceError.js';

/** Milliseconds between two looks at a lock that another process holds. */
const pollInterval = 5;
/** Milliseconds after which a lock that has not changed hands is one of a process that died: work takes a few. */
const longestWork = 3_000;

/**
 * Do something short alone, among the services of all the machines that share this folder: there is one service per
 * host, and homes are on NFS. Waits in the thread, and never on this host.
 *
 * @param path of the lock's file; a file of the same folder is protected by it
 * @throws ServiceError `storage-failed` if the folder can not be written
 */
export function withLock<T>(path: string, work: () => T): T {
  take(path);
  try {
    return work();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path: string): void {
  let holder: string | undefined;
  let since = performance.now();
  for (;;) {
    try {
      const file = openSync(path, 'wx', 0o600);
      try {
        writeSync(file, `${hostname()} ${process.pid}\n`);
      } finally {
        closeSync(file);
      }
      return;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') {
        // A file of no length is a lock as well, and must not stay behind.
        if (systemCode(error) === 'ENOSPC' || systemCode(error) === 'EDQUOT') {
          rmSync(path, { force: true });
        }
        throw fail(
          'storage-failed',
          'request',
          `${path} could not be written (${systemCode(error) ?? String(error)}); nothing was changed.`,
          'Make room or give yourself the right to write there, then try again.',
          { path }
        );
      }
    }
    const current = identity(path);
    if (current !== holder) {
      holder = current;
      since = performance.now();
    } else if (performance.now() - since > longestWork) {
      rmSync(path, { force: true });
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pollInterval);
  }
}

/** Two locks one after the other are two. By our own clock alone: that of a file server may be another. */
function identity(path: string): string | undefined {
  try {
    const { ino, mtimeMs } = statSync(path);
    return `${ino} ${mtimeMs}`;
  } catch {
    return undefined;
  }
}
