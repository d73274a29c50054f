import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { systemCode } from '../serviceError.js';
import { writeFailure } from './storageFailure.js';

/** Milliseconds after which a temporary file of another machine can not be one that is being written. */
const longestWrite = 60 * 60_000;

/** A new content that is safe on disk, under another name, and only has to take its place. */
export interface PreparedFile {
  /** @throws ServiceError `storage-failed`; the old content is still there then. */
  commit(): void;
  /** Take it back. Never throws. */
  abandon(): void;
}

/**
 * Write a file's new content beside it: all of it, 0600 and synced, so that what follows is one rename. Where there
 * is no room this fails and nothing has happened.
 * @throws ServiceError `storage-failed`
 */
export function prepareFile(
  path: string,
  content: string | Buffer
): PreparedFile {
  // Who keeps the file elsewhere and links to it means that one.
  const target = whereItLies(path);
  const folder = dirname(target);
  const temporary = join(
    folder,
    `.${basename(target)}.${thisMachine()}-${process.pid}-${randomBytes(6).toString('hex')}.tmp`
  );
  const abandon = () => {
    try {
      rmSync(temporary, { force: true });
    } catch {
      // The next start of a service does it.
    }
  };
  try {
    writeSynced(temporary, content);
  } catch (error) {
    abandon();
    throw writeFailure(path, error);
  }
  return {
    abandon,
    commit: () => {
      try {
        renameSync(temporary, target);
        syncFolder(folder);
      } catch (error) {
        abandon();
        throw writeFailure(path, error);
      }
    }
  };
}

/**
 * Write one text file of the user's own: all of it or nothing.
 * @throws ServiceError `storage-failed` (disk full, read-only)
 */
export function writePrivately(path: string, text: string): void {
  prepareFile(path, `${text}\n`).commit();
}

/** Take away what processes that were killed left in a folder. What is being written now, here or elsewhere, stays. */
export function removeLeftovers(folder: string): void {
  try {
    for (const name of readdirSync(folder)) {
      const [, machine, pid] =
        /^\..+\.([0-9a-f]{12})-(\d+)-[0-9a-f]{12}\.tmp$/.exec(name) ?? [];
      const path = join(folder, name);
      if (
        machine !== undefined &&
        (machine === thisMachine()
          ? !isAlive(Number(pid))
          : Date.now() - statSync(path).mtimeMs > longestWrite)
      ) {
        rmSync(path, { force: true });
      }
    }
  } catch {
    // They are in nobody's way.
  }
}

/** Not `writeSync`: that may write a part of it when the disk becomes full, and say nothing. */
function writeSynced(path: string, content: string | Buffer): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Without this, a power cut can undo the rename. Some systems can not do it (Windows), and do not need it. */
function syncFolder(folder: string): void {
  let file: number | undefined;
  try {
    file = openSync(folder, 'r');
    fsyncSync(file);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EIO' || code === 'ENOSPC' || code === 'EDQUOT') {
      throw error;
    }
  } finally {
    if (file !== undefined) {
      closeSync(file);
    }
  }
}

function whereItLies(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

let machine: string | undefined;

/** Whose process ids these are: hosts, and containers of one host, may share a home. */
function thisMachine(): string {
  machine ??= createHash('sha256')
    .update(
      [
        hostname(),
        orNothing(() => readlinkSync('/proc/self/ns/pid')),
        orNothing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))
      ].join('\n')
    )
    .digest('hex')
    .slice(0, 12);
  return machine;
}

function orNothing(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
