import { readFileSync } from 'node:fs';

import type { z } from 'zod';

import { fail, systemCode } from '../serviceError.js';
import { writePrivately } from './atomicFile.js';

export { writePrivately } from './atomicFile.js';

/**
 * One JSON file with a schema, of a kind that can be done without: what can not be read is said and left alone. What
 * must not be lost is in a `PreciousDocument`.
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
      throw this.damaged();
    }
    const parsed = this.schema.safeParse(content);
    if (!parsed.success) {
      throw this.damaged();
    }
    return parsed.data;
  }

  /** @throws ServiceError `storage-failed`; the old content is still there then. */
  write(value: T): void {
    writePrivately(this.path, JSON.stringify(value, null, 2));
  }

  private damaged(): Error {
    return fail(
      'storage-damaged',
      'request',
      `${this.path} can not be read.`,
      'Repair the file, or move it away to start with an empty one.',
      { path: this.path }
    );
  }
}
