import {
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { systemCode } from '../serviceError.js';
import type { Paths } from '../workspace/paths.js';

/** Milliseconds that a start may take. */
const longestStart = 20_000;
/** Milliseconds between two looks at a lock that another process holds. */
const pollInterval = 20;

/** Whether a service answers on the socket. */
export function answers(socketPath: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/**
 * Run `start` unless a service answers already, under a lock, so that of many who start at once one wins.
 * A socket that nobody listens on and a lock whose owner is dead are no obstacle.
 * @returns whether `start` was run
 */
export async function startOnce(
  paths: Paths,
  start: () => Promise<void>
): Promise<boolean> {
  for (;;) {
    if (await answers(paths.socket)) {
      return false;
    }
    if (takeLock(paths.lock)) {
      try {
        if (await answers(paths.socket)) {
          return false;
        }
        rmSync(paths.socket, { force: true });
        await start();
        return true;
      } finally {
        rmSync(paths.lock, { force: true });
      }
    }
    await pause(pollInterval);
  }
}

/** The lock appears together with its owner's process id: an empty one would look like one of the dead. */
function takeLock(path: string): boolean {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, String(process.pid), { mode: 0o600 });
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') {
      throw error;
    }
  } finally {
    rmSync(own, { force: true });
  }
  breakStaleLock(path);
  return false;
}

/** Move the lock away first: of many who see a stale one, one gets it, and gives back what turns out to be in use. */
function breakStaleLock(path: string): void {
  if (!isStale(path)) {
    return;
  }
  const taken = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, taken);
    if (!isStale(taken)) {
      linkSync(taken, path);
    }
  } catch {
    // Somebody else was faster; the next look tells.
  }
  rmSync(taken, { force: true });
}

/** Its owner is dead, or it is older than any start: the process id may be another program's by now. */
function isStale(path: string): boolean {
  try {
    const age = Date.now() - statSync(path).mtimeMs;
    return age > longestStart || !isAlive(ownerOf(path));
  } catch {
    return false;
  }
}

function ownerOf(path: string): number {
  return Number(readFileSync(path, 'utf8'));
}

function isAlive(pid: number): boolean {
  // A process does not wait for itself: the lock is of one that had the same number before.
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) {
    return false;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
