/**
 * Where things lie. The Python side computes the same paths and passes them on in the environment.
 */
import { createHash } from 'node:crypto';
import { homedir, hostname, platform } from 'node:os';
import { join, resolve } from 'node:path';

import { openHome, openRuntime, privateFolder } from './folders.js';

/** `sun_path` holds 108 bytes on Linux and 104 on macOS. */
const longestSocketPath = 100;

export interface Paths {
  /** Integrations, secrets, keys. May lie on NFS. */
  home: string;
  /** The one socket of this user, workspace and host. */
  socket: string;
  /** Names the process that is the service, or is becoming it, or is ending. */
  pid: string;
  log: string;
  /** Local ports, so that they survive a restart of the service. */
  ports: string;
}

export function findPaths(environment: NodeJS.ProcessEnv = process.env): Paths {
  const realHome = openHome(
    environment.UNDERPASS_HOME || join(jupyterData(environment), 'underpass')
  );
  // Homes are shared by hosts; sockets are not.
  const digest = createHash('sha256')
    .update(`${realHome}\n${hostname()}`)
    .digest('hex')
    .slice(0, 16);
  const runtime = openRuntime(
    resolve(
      environment.UNDERPASS_RUNTIME_DIR ||
        environment.JUPYTER_RUNTIME_DIR ||
        join(jupyterData(environment), 'runtime')
    )
  );
  const stem = join(runtime, `underpass-${digest}`);
  return {
    home: realHome,
    socket: socketPath(stem, digest),
    pid: `${stem}.pid`,
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
