/**
 * Where things lie. The Python side computes the same paths and passes them on in the environment.
 */
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { homedir, hostname, platform } from 'node:os';
import { join } from 'node:path';

import { fail } from '../serviceError.js';

/** `sun_path` holds 108 bytes on Linux and 104 on macOS. */
const longestSocketPath = 100;

export interface Paths {
  /** Integrations, secrets, keys. May lie on NFS. */
  home: string;
  /** The one socket of this user, workspace and host. */
  socket: string;
  /** Held while a service starts. */
  lock: string;
  log: string;
  /** Local ports, so that they survive a restart of the service. */
  ports: string;
}

export function findPaths(environment: NodeJS.ProcessEnv = process.env): Paths {
  const home =
    environment.UNDERPASS_HOME ?? join(jupyterData(environment), 'underpass');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const realHome = realpathSync(home);
  // Homes are shared by hosts; sockets are not.
  const digest = createHash('sha256')
    .update(`${realHome}\n${hostname()}`)
    .digest('hex')
    .slice(0, 16);
  const runtime =
    environment.UNDERPASS_RUNTIME_DIR ??
    environment.JUPYTER_RUNTIME_DIR ??
    join(jupyterData(environment), 'runtime');
  mkdirSync(runtime, { recursive: true, mode: 0o700 });
  const stem = join(runtime, `underpass-${digest}`);
  return {
    home: realHome,
    socket: socketPath(stem, digest),
    lock: `${stem}.lock`,
    log: `${stem}.log`,
    ports: `${stem}.ports.json`
  };
}

function socketPath(stem: string, digest: string): string {
  if (platform() === 'win32') {
    return `\\\\.\\pipe\\underpass-${digest}`;
  }
  const beside = `${stem}.sock`;
  return Buffer.byteLength(beside) <= longestSocketPath
    ? beside
    : join(
        privateFolder(`/tmp/underpass-${process.getuid?.()}`),
        `${digest}.sock`
      );
}

/** A folder in a place where everybody may write: it must be ours alone. */
function privateFolder(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (
    !found.isDirectory() ||
    found.uid !== process.getuid?.() ||
    (found.mode & 0o077) !== 0
  ) {
    throw fail(
      'service-unavailable',
      'request',
      `${folder} is not a private folder of yours.`,
      'Set UNDERPASS_RUNTIME_DIR to a short path of a folder that only you can use.'
    );
  }
  return folder;
}

function jupyterData(environment: NodeJS.ProcessEnv): string {
  if (environment.JUPYTER_DATA_DIR) {
    return environment.JUPYTER_DATA_DIR;
  }
  switch (platform()) {
    case 'darwin':
      return join(homedir(), 'Library', 'Jupyter');
    case 'win32':
      return join(environment.APPDATA ?? homedir(), 'jupyter');
    default:
      return join(
        environment.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'),
        'jupyter'
      );
  }
}
