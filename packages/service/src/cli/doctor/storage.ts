/**
 * Folders and files: who may read them, whether they can be written, and whether there is room.
 */
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdtempSync,
  rmdirSync,
  statfsSync,
  statSync
} from 'node:fs';
import { dirname, join } from 'node:path';

import { systemCode } from '../../serviceError.js';
import { findPaths } from '../../workspace/paths.js';
import { size } from '../humanize.js';
import { type Check, failed, ok, type Remark, warning } from './finding.js';

const scarce = 100 * 1024 ** 2;
const tooLittle = 4 * 1024 ** 2;

/** `statfs` types of file systems on other machines: NFS, SMB, CIFS, Lustre, GPFS, AFS. */
const remote = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x0bd00bd0, 0x47504653, 0x5346414f
]);

const isRemote = (path: string) =>
  remote.has(Number(statfsSync(path).type) >>> 0);

export const folders: Check = {
  name: 'folders',
  look: () => {
    const { home, socket, log } = findPaths();
    const runtime = dirname(log);
    return [
      ...folder('The workspace', home),
      ...folder('The runtime folder', runtime),
      ...(isRemote(dirname(socket))
        ? [
            warning(
              `The socket lies on a network file system: ${dirname(socket)}.`,
              'Set UNDERPASS_RUNTIME_DIR to a folder of yours on a local disk.'
            )
          ]
        : []),
      ...(process.platform !== 'win32' && existsSync(socket)
        ? [socketFile(socket)]
        : [])
    ];
  }
};

function folder(what: string, path: string): Remark[] {
  const remarks: Remark[] = [];
  const { mode } = statSync(path);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    remarks.push(
      warning(
        `${what} ${path} can be looked into by others (mode ${(mode & 0o777).toString(8)}).`,
        `chmod 700 "${path}"`
      )
    );
  }
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    // A file system may be read-only, or full, for all that the mode says.
    rmdirSync(mkdtempSync(join(path, '.doctor-')));
    remarks.push(
      ok(
        `${what} ${path} can be written${isRemote(path) ? ' (network file system)' : ''}.`
      )
    );
  } catch (error) {
    remarks.push(
      failed(
        `${what} ${path} can not be written (${systemCode(error) ?? String(error)}).`,
        'Make room, or give yourself the right to write there.'
      )
    );
  }
  return remarks;
}

function socketFile(path: string): Remark {
  const found = lstatSync(path);
  if (!found.isSocket()) {
    return failed(
      `${path} is no socket, and is in its way.`,
      `Look what it is, and move it away: mv "${path}" "${path}.old"`
    );
  }
  return (found.mode & 0o077) === 0
    ? ok(`The socket ${path} is yours alone.`)
    : failed(
        `Others may use the socket ${path} (mode ${(found.mode & 0o777).toString(8)}).`,
        `chmod 600 "${path}"`
      );
}

export const diskSpace: Check = {
  name: 'disk space',
  look: () => {
    const { home, log } = findPaths();
    return [...new Set([home, dirname(log)])].map(space);
  }
};

function space(path: string): Remark {
  const { bavail, bsize, files, ffree } = statfsSync(path);
  const free = bavail * bsize;
  if (free < tooLittle || (files > 0 && ffree === 0)) {
    return failed(
      `There is no room for ${path}: ${free < tooLittle ? `${size(free)} free` : 'no more files can be made'}.`,
      'Delete what is not needed there.'
    );
  }
  return free < scarce
    ? warning(`${size(free)} free for ${path}.`, 'Make room there.')
    : ok(`${size(free)} free for ${path}.`);
}
