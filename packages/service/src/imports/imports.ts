import { randomUUID } from 'node:crypto';

import { fail } from '../serviceError.js';
import type { FoundEntry } from './entry.js';

/** Milliseconds that entries are kept: as long as a form may take. */
const kept = 15 * 60_000;
/** Imports kept at the same time. */
const most = 20;

/**
 * Entries that were read from files and may become integrations. Their secrets wait here, in memory alone, so that none
 * of them travels to a browser.
 */
export class Imports {
  private readonly imports = new Map<string, ReadonlyMap<string, FoundEntry>>();

  /**
   * @param wanted id that the client chose
   * @returns the id by which they can be had
   */
  keep(entries: readonly FoundEntry[], wanted?: string): string {
    const id = wanted ?? randomUUID();
    if (this.imports.has(id)) {
      throw fail(
        'invalid-request',
        'request',
        'There is an import with this id already.',
        'Give each import an id of its own.',
        { field: 'import' }
      );
    }
    this.imports.set(id, new Map(entries.map(entry => [entry.id, entry])));
    setTimeout(() => this.imports.delete(id), kept).unref();
    for (const oldest of this.imports.keys()) {
      if (this.imports.size <= most) {
        break;
      }
      this.imports.delete(oldest);
    }
    return id;
  }

  /** @throws ServiceError `unknown-import` */
  get(reference: { import: string; entry: string }): FoundEntry {
    const found = this.imports.get(reference.import)?.get(reference.entry);
    if (!found) {
      throw fail(
        'unknown-import',
        'request',
        'What was read from the file is not kept any more: that was more than a quarter of an hour ago, or the service was started anew.',
        'Import it again, or type the password.'
      );
    }
    return found;
  }
}
