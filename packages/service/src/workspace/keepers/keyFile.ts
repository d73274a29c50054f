import {
  closeSync,
  fchmodSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync
} from 'node:fs';

import { fail, systemCode } from '../../serviceError.js';
import { writePrivately } from '../document.js';
import { type MasterKeys, readKeys, writeKeys } from './masterKeys.js';

/** The master key in a file that only its owner can read: the keeper that works everywhere. */
export class KeyFile {
  /** What was found wrong with the file and put right, or could not be; for people. */
  readonly remarks: string[] = [];

  constructor(readonly path: string) {}

  /**
   * @returns undefined where there is no file, or one without a key
   * @throws ServiceError `master-key-refused` for somebody else's file, `storage-failed` if it can not be read
   */
  read(): MasterKeys | undefined {
    let file: number;
    try {
      file = openSync(this.path, 'r');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') {
        return undefined;
      }
      throw this.unreadable(error);
    }
    try {
      this.check(file);
      return readKeys(readFileSync(file, 'utf8'));
    } catch (error) {
      // Such as a folder, or a share that went away.
      throw systemCode(error) ? this.unreadable(error) : error;
    } finally {
      closeSync(file);
    }
  }

  write(keys: MasterKeys): void {
    writePrivately(this.path, writeKeys(keys, '\n'));
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }

  /** Something that is no key may still be of use to somebody who knows what it was. */
  keepAside(): void {
    const aside = `${this.path}.damaged-${Date.now()}`;
    try {
      renameSync(this.path, aside);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') {
        return;
      }
      throw this.unreadable(error);
    }
    this.remark(`${this.path} held no key; it is kept as ${aside}.`);
  }

  /** On the open file: a path could lead to another one a moment later. */
  private check(file: number): void {
    const own = process.getuid?.();
    if (own === undefined) {
      // Windows: the folder of the user is closed to others.
      return;
    }
    const { uid, mode } = fstatSync(file);
    if (uid !== own) {
      throw fail(
        'master-key-refused',
        'request',
        `${this.path} belongs to another user (${uid}): it is not used.`,
        `Run as the user whose workspace it is, or make the file yours: chown ${own} ${this.path}`,
        { path: this.path }
      );
    }
    if ((mode & 0o077) === 0) {
      return;
    }
    const was = (mode & 0o777).toString(8).padStart(4, '0');
    try {
      fchmodSync(file, 0o600);
    } catch {
      // Looked at below: some file systems say yes and do nothing.
    }
    this.remark(
      (fstatSync(file).mode & 0o077) === 0
        ? `Other users could read ${this.path} (mode ${was}); it is 0600 again. If anybody may have read it, run: underpass vault keep file`
        : `Other users can read ${this.path} (mode ${was}), and this file system does not let that be changed. Move the workspace, or run: underpass vault keep keyring`
    );
  }

  private remark(text: string): void {
    if (!this.remarks.includes(text)) {
      this.remarks.push(text);
      // Standard error is the service's log.
      process.stderr.write(`underpass: ${text}\n`);
    }
  }

  private unreadable(error: unknown): Error {
    return fail(
      'storage-failed',
      'request',
      `${this.path} can not be read (${systemCode(error)}).`,
      'Give yourself the right to read it, then try again.',
      { path: this.path }
    );
  }
}
