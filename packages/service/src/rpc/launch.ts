import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

import { fail } from '../serviceError.js';
import { findPaths, type Paths } from '../workspace/paths.js';

/** Milliseconds for a service, ours or another one, to listen. */
const longestLaunch = 30_000;

/** Connect to the service, starting it if there is none. */
export async function connectToService(): Promise<Socket> {
  const paths = findPaths();
  const first = await tryConnect(paths.socket);
  if (first) {
    return first;
  }
  await launch(paths);
  const second = await tryConnect(paths.socket);
  if (!second) {
    throw unavailable(paths);
  }
  return second;
}

function tryConnect(path: string): Promise<Socket | undefined> {
  return new Promise(resolve => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', () => resolve(undefined));
  });
}

/** Start the service as a process of its own and wait for its word that somebody listens. */
async function launch(paths: Paths): Promise<void> {
  const log = openSync(paths.log, 'a', 0o600);
  const child = spawn(
    process.execPath,
    [...process.execArgv, process.argv[1] ?? '', 'serve'],
    {
      cwd: '/',
      detached: true,
      stdio: ['ignore', 'pipe', log],
      env: { ...process.env, UNDERPASS_HOME: paths.home }
    }
  );
  closeSync(log);
  const output = child.stdout as Readable;
  const listening = await new Promise<boolean>(resolve => {
    child.once('error', () => resolve(false));
    const lines = createInterface({ input: output });
    lines.once('line', () => resolve(true));
    lines.once('close', () => resolve(false));
    setTimeout(() => resolve(false), longestLaunch).unref();
  });
  output.destroy();
  child.unref();
  if (!listening) {
    throw unavailable(paths);
  }
}

function unavailable(paths: Paths): Error {
  return fail(
    'service-unavailable',
    'request',
    'The tunnel service could not be started.',
    `Look into its log: ${paths.log}`,
    { log: paths.log }
  );
}
