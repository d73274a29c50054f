/**
 * What the system says when a file can not be read or written, in words, with what to do.
 */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';

import { fail, type ServiceError, systemCode } from '../serviceError.js';

interface Reason {
  /** The rest of "… could not be written: ". */
  what: string;
  fix: string;
}

export function writeFailure(path: string, error: unknown): ServiceError {
  const { what, fix } = reasonNotToWrite(dirname(path), error);
  return fail(
    'storage-failed',
    'request',
    `${path} could not be written: ${what}. Nothing was changed.`,
    fix,
    { path, system: systemCode(error) ?? 'unknown' }
  );
}

export function readFailure(path: string, error: unknown): ServiceError {
  const code = systemCode(error) ?? 'unknown';
  return fail(
    'storage-failed',
    'request',
    `${path} can not be read (${code}).`,
    code === 'EACCES' || code === 'EPERM'
      ? `Give yourself the right to read it: chmod u+rw ${path}`
      : 'Look whether the file and its disk are in order, then try again.',
    { path, system: code }
  );
}

export function goneFailure(path: string): ServiceError {
  return fail(
    'storage-failed',
    'request',
    `${path} is gone. What was in it is still in the memory of the service, and is written again with the next change.`,
    `Put the folder ${dirname(path)} back, or change something to have the file written.`,
    { path, system: 'ENOENT' }
  );
}

/** A file of a later version of this program is never touched. */
export function newerFailure(
  path: string,
  found: number,
  known: number,
  savedBy: string | undefined
): ServiceError {
  const wanted = savedBy ? `underpass ${savedBy}` : 'a newer underpass';
  return fail(
    'storage-newer',
    'request',
    `${path} was written by ${wanted}: it has version ${found} of the format, and this underpass knows only version ${known}. It was not touched.`,
    savedBy
      ? `Install it here, too: pip install "underpass>=${savedBy}"`
      : 'Install a newer version here, too: pip install --upgrade underpass',
    { path, version: found, ...(savedBy ? { savedBy } : {}) }
  );
}

function reasonNotToWrite(folder: string, error: unknown): Reason {
  switch (systemCode(error)) {
    case 'ENOSPC':
      return hasNoInodes(folder)
        ? {
            what: 'the disk can not hold more files (no inodes are left)',
            fix: `Delete files that nobody needs on the disk of ${folder} (df -i ${folder} shows it), then try again.`
          }
        : {
            what: 'the disk is full',
            fix: `Free some space on the disk of ${folder} (df -h ${folder} shows it), then try again.`
          };
    case 'EDQUOT':
      return {
        what: 'your quota is used up',
        fix: `Delete files of yours on the disk of ${folder}, or ask for more room, then try again.`
      };
    case 'EROFS':
      return {
        what: 'the file system is read-only',
        fix: `Have ${folder} mounted with the right to write, or set UNDERPASS_HOME to a folder where you may write.`
      };
    case 'EACCES':
    case 'EPERM':
      return {
        what: 'you may not write there',
        fix: `Give yourself the right to write into the folder: chmod u+rwx ${folder}`
      };
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ESTALE':
      return {
        what: 'its folder is gone',
        fix: `Put the folder ${folder} back, then try again.`
      };
    default:
      return {
        what: `the system says ${systemCode(error) ?? String(error)}`,
        fix: `Look whether the disk of ${folder} is in order, then try again.`
      };
  }
}

/** The system has one word for both. */
function hasNoInodes(folder: string): boolean {
  try {
    const { files, ffree } = statfsSync(folder);
    return files > 0 && ffree === 0;
  } catch {
    return false;
  }
}
