import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';

import { fail, systemCode } from '../serviceError.js';
import { decodeText } from './privateKey/text.js';

/** The file that a hub or a container gives the workspace's key by. */
export function givenKeyFile(): string | undefined {
  return process.env.UNDERPASS_PRIVATE_KEY_FILE || undefined;
}

/**
 * @returns the file's text
 * @throws ServiceError `key-invalid` if it can not be read, `key-file-exposed` if others can read it, too
 */
export function readGivenKey(path: string): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw unreadable(path, error);
  }
  try {
    const { uid, mode } = fstatSync(file);
    // As ssh does: a mounted secret belongs to root, and its mode is the affair of who mounted it.
    if (uid === process.getuid?.() && (mode & 0o077) !== 0) {
      throw fail(
        'key-file-exposed',
        'request',
        `Other users can read the private key in ${path} (mode ${(mode & 0o777).toString(8).padStart(4, '0')}): it is not used.`,
        `Run: chmod 600 ${shellWord(path)}`,
        { path }
      );
    }
    return decodeText(readFileSync(file));
  } catch (error) {
    throw systemCode(error) ? unreadable(path, error) : error;
  } finally {
    closeSync(file);
  }
}

function unreadable(path: string, error: unknown): Error {
  return fail(
    'key-invalid',
    'request',
    `UNDERPASS_PRIVATE_KEY_FILE names ${path}, which can not be read (${systemCode(error)}).`,
    'Correct the variable where the service is started, or put the key there.',
    { path, reason: 'unreadable' }
  );
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
