import { readFileSync } from 'node:fs';

import writeFileAtomic from 'write-file-atomic';
import type { z } from 'zod';

import { fail, systemCode } from '../serviceError.js';

/**
 * One JSON file with a schema. Writes are atomic (temporary file, fsync, rename) and 0600; what can not be read
 * is never written over.
 */
export class Document<T> {
  constructor(
    readonly path: string,
    private readonly schema: z.ZodType<T>,
    private readonly empty: T
  ) {}

  read(): T {
    let content: unknown;
    try {
      content = JSON.parse(readFileSync(this.path, 'utf8'));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') {
        return structuredClone(this.empty);
      }
      throw this.damaged(error);
    }
    const parsed = this.schema.safeParse(content);
    if (!parsed.success) {
      throw this.damaged(parsed.error);
    }
    return parsed.data;
  }

  /** @throws ServiceError `storage-failed`; the old content is still there then. */
  write(value: T): void {
    writePrivately(this.path, JSON.stringify(value, null, 2));
  }

  private damaged(error: unknown): Error {
    return fail(
      'storage-damaged',
      'request',
      `${this.path} can not be read: ${error instanceof Error ? error.message : String(error)}`,
      'Repair the file, or move it away to start with an empty one.',
      { path: this.path }
    );
  }
}

/**
 * Write one text file of the user's own: all of it or nothing.
 * @throws ServiceError `storage-failed` (disk full, read-only)
 */
export function writePrivately(path: string, text: string): void {
  try {
    writeFileAtomic.sync(path, `${text}\n`, { mode: 0o600 });
  } catch (error) {
    throw fail(
      'storage-failed',
      'request',
      `${path} could not be written (${systemCode(error) ?? String(error)}); nothing was changed.`,
      'Make room or give yourself the right to write there, then try again.',
      { path }
    );
  }
}
