/**
 * A file as it is at this moment; undefined where there is none.
 */
import { readFileSync, statSync } from 'node:fs';

import { systemCode } from '../serviceError.js';
import { readFailure } from './storageFailure.js';

/**
 * What it looks like from outside: the same as long as nobody has written it.
 * @throws ServiceError `storage-failed`
 */
export function signatureOf(path: string): string | undefined {
  return orAbsent(path, () => {
    const stats = statSync(path, { bigint: true });
    return [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ');
  });
}

/** @throws ServiceError `storage-failed` */
export function bytesOf(path: string): Buffer | undefined {
  return orAbsent(path, () => readFileSync(path));
}

export function isSame(
  one: Buffer | undefined,
  other: Buffer | undefined
): boolean {
  return one === other || (one && other ? one.equals(other) : false);
}

function orAbsent<T>(path: string, look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return undefined;
    }
    throw readFailure(path, error);
  }
}
