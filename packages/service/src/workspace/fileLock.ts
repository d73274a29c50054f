import { randomUUID } from 'node:crypto';
import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync
} from 'node:fs';
import { hostname } from 'node:os';

import { systemCode } from '../serviceError.js';
import { writeFailure } from './storageFailure.js';

/** Milliseconds between two looks at a lock that another process holds. */
const pollInterval = 5;
/** Milliseconds after which a lock that has not changed hands is one of a process that died: work takes a few. */
const longestWork = 3_000;

/**
 * Do something short alone, among the services of all the machines that share this folder: there is one service per
 * host, and homes are on NFS. Waits in the thread: for the work of another host, or for `longestWork` where its
 * holder died. Who is stopped for longer than that while holding it may find that another one has it.
 *
 * @param path of the lock's file; a file of the same folder is protected by it
 * @throws ServiceError `storage-failed` if the folder can not be written
 */
export function withLock<T>(path: string, work: () => T): T {
  const own = `${hostname()} ${process.pid} ${randomUUID()}\n`;
  take(path, own);
  try {
    return work();
  } finally {
    if (holderOf(path) === own) {
      rmSync(path, { force: true });
    }
  }
}

function take(path: string, own: string): void {
  let holder: string | undefined;
  let since = performance.now();
  while (!isMade(path, own)) {
    const current = holderOf(path);
    if (current !== holder) {
      holder = current;
      since = performance.now();
    } else if (performance.now() - since > longestWork) {
      breakLock(path, holder);
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pollInterval);
  }
}

/** @returns false if somebody has it */
function isMade(path: string, own: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') {
      return false;
    }
    throw writeFailure(path, error);
  }
  try {
    writeFileSync(file, own);
    return true;
  } catch (error) {
    // A file of no length is a lock as well, and must not stay behind.
    rmSync(path, { force: true });
    throw writeFailure(path, error);
  } finally {
    closeSync(file);
  }
}

/** What the file says, not what it looks like: opening it asks the file server, a look may be answered from memory. */
function holderOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Many may wait: what one of them has taken meanwhile must stay. */
function breakLock(path: string, holder: string | undefined): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return;
    }
    throw writeFailure(path, error);
  }
  try {
    if (holderOf(aside) !== holder) {
      linkSync(aside, path);
    }
  } catch {
    // Somebody was faster.
  } finally {
    rmSync(aside, { force: true });
  }
}
