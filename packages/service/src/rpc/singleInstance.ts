import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync
} from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { systemCode } from '../serviceError.js';
import type { Paths } from '../workspace/paths.js';

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

function takeLock(path: string): boolean {
  try {
    const file = openSync(path, 'wx', 0o600);
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') {
      throw error;
    }
  }
  breakLockOfDead(path);
  return false;
}

/** Move the lock away first: of many who see a dead owner, one gets it, and gives back what turns out to be alive. */
function breakLockOfDead(path: string): void {
  if (!existsSync(path) || isAlive(ownerOf(path))) {
    return;
  }
  const taken = `${path}.${process.pid}`;
  try {
    renameSync(path, taken);
  } catch {
    return;
  }
  if (isAlive(ownerOf(taken))) {
    renameSync(taken, path);
  } else {
    rmSync(taken, { force: true });
  }
}

function ownerOf(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return 0;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) {
    return false;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
