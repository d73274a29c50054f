/**
 * Changes of several files together.
 */

/** A change that is safe on disk and only has to take its place. */
export interface PreparedChange {
  /** Somebody else has written meanwhile: prepare it anew. */
  stale(): boolean;
  /** @throws ServiceError `storage-failed`; the old content is still there then. */
  commit(): void;
  /** Take it back. Never throws. */
  abandon(): void;
}

/** How often a change is prepared anew because others write at the same moment. */
const mostAttempts = 50;

/**
 * Change several files, or none: first everything is made safe on disk, then each takes its place, in this order.
 * @throws ServiceError; nothing was changed then, except where a file can be written but not be renamed
 */
export function commitTogether(
  preparations: readonly (() => PreparedChange)[]
): void {
  for (let attempt = 1; ; attempt++) {
    const prepared: PreparedChange[] = [];
    try {
      for (const prepare of preparations) {
        prepared.push(prepare());
      }
      const last = attempt === mostAttempts;
      if (last || !prepared.some(change => change.stale())) {
        for (let next = prepared[0]; next; next = prepared[0]) {
          next.commit();
          prepared.shift();
        }
        return;
      }
    } finally {
      prepared.forEach(change => change.abandon());
    }
  }
}
