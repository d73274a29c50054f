import { lstatSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { fail, systemCode } from '../serviceError.js';
import type { Paths } from '../workspace/paths.js';
import { Place } from './place.js';

/** Milliseconds that the process that has the place may take to listen, or to end. */
const longestWait = 25_000;
/** Milliseconds between two looks at a place that another process has. */
const pollInterval = 40;

/** Whether somebody listens on the socket; whether they also answer is another question. */
export function listens(socketPath: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Who has more newcomers than can wait (EAGAIN) is there.
    socket.once('error', error => resolve(systemCode(error) === 'EAGAIN'));
  });
}

/**
 * Become the service, unless there is one: of many who start at once, one does. What the dead left is no obstacle.
 * @returns undefined where another process listens
 * @throws ServiceError
 */
export async function takePlace(paths: Paths): Promise<Place | undefined> {
  const place = new Place(paths.pid);
  const deadline = Date.now() + longestWait;
  for (;;) {
    if (await listens(paths.socket)) {
      return undefined;
    }
    if (place.take()) {
      try {
        removeSocket(paths.socket);
      } catch (error) {
        place.release();
        throw error;
      }
      return place;
    }
    if (Date.now() > deadline) {
      throw unresponsive(place.holder());
    }
    await pause(pollInterval);
  }
}

export function unresponsive(pid: number | undefined): Error {
  return fail(
    'service-unresponsive',
    'request',
    `The tunnel service${pid === undefined ? '' : ` (process ${pid})`} runs but does not answer.`,
    `See what is wrong: underpass doctor. ${pid === undefined ? 'End its process' : `Or end it (kill -9 ${pid})`} and try again: it is started anew with the same ports.`,
    pid === undefined ? {} : { pid }
  );
}

/** What the socket of a dead service left. */
function removeSocket(path: string): void {
  if (process.platform === 'win32') {
    return;
  }
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) {
    throw fail(
      'service-unavailable',
      'request',
      `${path} is a folder, where the socket of the tunnel service belongs.`,
      `Look what it holds, and move it away: mv "${path}" "${path}.old"`,
      { path }
    );
  }
  rmSync(path, { force: true });
}
