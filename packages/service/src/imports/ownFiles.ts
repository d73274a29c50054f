import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { fail } from '../serviceError.js';

/** Bytes of a file. People keep some dozens of lines there. */
const longest = 1024 * 1024;
/** Anybody but the owner. */
const others = 0o077;

/** Where libpq looks, for the user that the service runs as. */
export interface OwnFiles {
  services: string[];
  passwords: string;
}

export function ownFiles(
  environment: NodeJS.ProcessEnv = process.env,
  home = homedir()
): OwnFiles {
  const { PGSERVICEFILE, PGSYSCONFDIR, PGPASSFILE, APPDATA } = environment;
  const windows = process.platform === 'win32';
  return {
    services: [
      PGSERVICEFILE ||
        (windows && APPDATA
          ? join(APPDATA, 'postgresql', '.pg_service.conf')
          : join(home, '.pg_service.conf')),
      ...(PGSYSCONFDIR ? [join(PGSYSCONFDIR, 'pg_service.conf')] : [])
    ],
    passwords:
      PGPASSFILE ||
      (windows && APPDATA
        ? join(APPDATA, 'postgresql', 'pgpass.conf')
        : join(home, '.pgpass'))
  };
}

/**
 * @param secret libpq does not read such a file while others may
 * @returns undefined if there is none
 * @throws ServiceError `import-failed`
 */
export function readOwnFile(path: string, secret: boolean): string | undefined {
  try {
    const status = statSync(path);
    if (!status.isFile()) {
      throw refused(`${path} is no file.`, 'Choose another one.');
    }
    if (status.size > longest) {
      throw refused(
        `${path} is longer than ${longest} bytes.`,
        'Paste the lines that are needed.'
      );
    }
    if (
      secret &&
      process.platform !== 'win32' &&
      (status.mode & others) !== 0
    ) {
      throw refused(
        `${path} can be read by others, so libpq does not use it, and neither does this.`,
        `Make it yours alone: chmod 600 ${path}`
      );
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return undefined;
    }
    if (code === undefined) {
      throw error;
    }
    throw refused(
      `${path} can not be read (${code}).`,
      'Give the user of the server the right to read it.'
    );
  }
}

function refused(message: string, fix: string): Error {
  return fail('import-failed', 'request', message, fix);
}
