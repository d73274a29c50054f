import { spawn } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  openSync
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

import type { Failure } from '@underpass/protocol';

import { fail, ServiceError, systemCode } from '../serviceError.js';
import { findPaths, type Paths } from '../workspace/paths.js';
import { makeRoom } from './hello.js';
import { Place } from './place.js';
import { serviceEnvironment } from './serviceEnvironment.js';
import { unresponsive } from './singleInstance.js';

/** Milliseconds for a service, ours or another one, to listen. */
const longestLaunch = 30_000;
/** Milliseconds between two looks at a service that is starting or ending. */
const pollInterval = 40;
/** How often a service is started that is gone again before it is connected to. */
const mostLaunches = 3;

/**
 * Starts the service so that it outlives whoever starts it, and leaves no core file, which would hold keys. A limit
 * of one byte also keeps Linux from handing one to a program; where that can not be set, no file is written.
 */
const script = `umask 077
prlimit --pid $$ --core=1:1 2>/dev/null || ulimit -c 0
"$@" &`;
const shell = '/bin/sh';

/**
 * Connect to the service, starting it if there is none. One of another version that nobody uses is replaced, once:
 * two versions that are used in turns do not fight.
 * @throws ServiceError
 */
export async function connectToService(paths = findPaths()): Promise<Socket> {
  const place = new Place(paths.pid);
  const deadline = Date.now() + longestLaunch;
  let launches = 0;
  let mayReplace = true;
  for (;;) {
    const socket = await connectIfListening(paths);
    const holder = place.holder();
    if (socket && mayReplace) {
      const answer = await makeRoom(socket, () => unresponsive(holder));
      mayReplace = answer === 'gone';
      if (answer === 'ends') {
        await endOf(place, holder, deadline);
      }
      continue;
    }
    if (socket) {
      return socket;
    }
    if (Date.now() > deadline) {
      throw holder === undefined ? unavailable(paths) : unresponsive(holder);
    }
    if (holder !== undefined) {
      // It starts, and will listen; or it ends, and then it is our turn.
      await pause(pollInterval);
    } else if (launches++ < mostLaunches) {
      await launch(paths);
    } else {
      throw unavailable(paths);
    }
  }
}

/** Wait until a process does not have the place any more. */
async function endOf(
  place: Place,
  holder: number | undefined,
  deadline: number
): Promise<void> {
  while (
    holder !== undefined &&
    place.holder() === holder &&
    Date.now() < deadline
  ) {
    await pause(pollInterval);
  }
}

/**
 * @returns undefined if nobody listens
 * @throws ServiceError somebody does, and we are not let in
 */
export function connectIfListening({
  socket: path
}: Paths): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', error => {
      if (systemCode(error) === 'EACCES' || systemCode(error) === 'EPERM') {
        reject(
          fail(
            'service-unavailable',
            'request',
            `You are not allowed to use ${path} (${systemCode(error)}): it is another user's.`,
            'Set UNDERPASS_RUNTIME_DIR to a folder of yours.',
            { path }
          )
        );
      }
      resolve(undefined);
    });
  });
}

/** Start the service as a process of its own and wait for its word that somebody listens. */
async function launch(paths: Paths): Promise<void> {
  const log = openLog(paths.log);
  const command = [
    process.execPath,
    ...importsOf(process.execArgv),
    process.argv[1] ?? '',
    'serve'
  ];
  const [program = '', ...args] = existsSync(shell)
    ? [shell, '-c', script, 'underpass', ...command]
    : command;
  const child = spawn(program, args, {
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'pipe', log ?? 'ignore'],
    env: serviceEnvironment({ ...process.env, UNDERPASS_HOME: paths.home })
  });
  if (log !== undefined) {
    closeSync(log);
  }
  const output = child.stdout as Readable;
  const said = await new Promise<string | undefined>(resolve => {
    child.once('error', () => resolve(undefined));
    const lines = createInterface({ input: output });
    lines.once('line', resolve);
    lines.once('close', () => resolve(undefined));
    setTimeout(() => resolve(undefined), longestLaunch).unref();
  });
  output.destroy();
  child.unref();
  const failure = failureIn(said);
  if (failure) {
    throw new ServiceError(failure);
  }
  if (said === undefined) {
    throw unavailable(paths);
  }
}

/** Where Node itself writes what ends it. A log that can not be written is no reason to have no service. */
function openLog(path: string): number | undefined {
  const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW } = constants;
  try {
    const log = openSync(
      path,
      O_WRONLY | O_CREAT | O_APPEND | (O_NOFOLLOW ?? 0),
      0o600
    );
    fchmodSync(log, 0o600);
    return log;
  } catch {
    return undefined;
  }
}

/** Loaders that this process needs to read the service's file, and nothing else: no debugger, say. */
function importsOf(execArgv: readonly string[]): string[] {
  const at = execArgv.indexOf('--import');
  return at < 0 ? [] : execArgv.slice(at, at + 2);
}

function failureIn(line: string | undefined): Failure | undefined {
  try {
    return (JSON.parse(line ?? '{}') as { failure?: Failure }).failure;
  } catch {
    return undefined;
  }
}

function unavailable(paths: Paths): Error {
  return fail(
    'service-unavailable',
    'request',
    'The tunnel service could not be started.',
    `See what is wrong: underpass doctor. Its log: ${paths.log}`,
    { log: paths.log }
  );
}
