import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { prepareFile } from './atomicFile.js';

export interface Copy {
  bytes: Buffer;
  /** When it was made, ISO 8601. */
  time: string;
}

/** The copies of one file in its folder: the last good one, and those that were put aside. All 0600. */
export class Keeper {
  private readonly lastGoodPath: string;

  constructor(private readonly path: string) {
    this.lastGoodPath = `${path}.last-good`;
  }

  /** Remember a good content, for when the file is found damaged. */
  keepLastGood(bytes: Buffer): void {
    if (this.lastGood()?.bytes.equals(bytes)) {
      return;
    }
    try {
      prepareFile(this.lastGoodPath, bytes).commit();
    } catch {
      // Rather none than one with what was removed since: secrets, say.
      try {
        rmSync(this.lastGoodPath, { force: true });
      } catch {
        // Then the file itself could not be written either.
      }
    }
  }

  lastGood(): Copy | undefined {
    try {
      return {
        bytes: readFileSync(this.lastGoodPath),
        time: statSync(this.lastGoodPath).mtime.toISOString()
      };
    } catch {
      return undefined;
    }
  }

  /**
   * Copy a content to a name of its own, once.
   * @param why a word of the name: `damaged`, say
   * @returns the name
   * @throws ServiceError `storage-failed`
   */
  keepAside(bytes: Buffer, why: string): string {
    const stem = `${basename(this.path)}.${why}-`;
    const same = this.names().find(
      name => name.startsWith(stem) && this.says(name, bytes)
    );
    if (same !== undefined) {
      return same;
    }
    const name = `${stem}${new Date().toISOString().replace(/[:.]/g, '-')}`;
    prepareFile(this.pathOf(name), bytes).commit();
    return name;
  }

  exists(name: string): boolean {
    return existsSync(this.pathOf(name));
  }

  pathOf(name: string): string {
    return join(dirname(this.path), basename(name));
  }

  private names(): string[] {
    try {
      return readdirSync(dirname(this.path));
    } catch {
      return [];
    }
  }

  private says(name: string, bytes: Buffer): boolean {
    try {
      return readFileSync(this.pathOf(name)).equals(bytes);
    } catch {
      return false;
    }
  }
}
