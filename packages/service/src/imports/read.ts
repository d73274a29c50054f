import { homedir, userInfo } from 'node:os';
import { basename } from 'node:path';

import type { Failure } from '@underpass/protocol';

import { asFailure, fail } from '../serviceError.js';
import type { FoundEntry } from './entry.js';
import { fromPgpass, fromService } from './libpqEntry.js';
import { type OwnFiles, ownFiles, readOwnFile } from './ownFiles.js';
import { parsePgpass, passwordFor, type Pgpass } from './pgpass.js';
import { parseServiceFile } from './serviceFile.js';

export interface Found {
  entries: FoundEntry[];
  files: { path: string; found: boolean; failure?: Failure }[];
  remarks: string[];
}

/**
 * What a person pasted, or took from a file of another machine.
 * @throws ServiceError `import-failed`, without a word of it: it may hold passwords
 */
export function readText(text: string): Found {
  if (/^\s*\[[^\]\n]+\]\s*$/m.test(text)) {
    const entries = parseServiceFile(text).map(entry =>
      fromService(entry, 'pg_service.conf', () => undefined, undefined)
    );
    return { entries, files: [], remarks: [] };
  }
  const pgpass = parsePgpass(text);
  if (pgpass.lines.length === 0) {
    throw fail(
      'import-failed',
      'request',
      'This is neither a password file nor a service file of PostgreSQL.',
      'A .pgpass has lines like host:port:database:user:password; a pg_service.conf has headings like [name].',
      { field: 'text' }
    );
  }
  return { ...fromLines(pgpass, '.pgpass'), files: [] };
}

/** What libpq would find here. */
export function readOwn(own: OwnFiles = ownFiles()): Found {
  const files: Found['files'] = [];
  const look = (path: string, secret: boolean) => {
    try {
      const text = readOwnFile(path, secret);
      files.push({ path, found: text !== undefined });
      return text;
    } catch (error) {
      files.push({ path, found: true, failure: asFailure(error) });
      return undefined;
    }
  };
  const pgpass = parsePgpass(look(own.passwords, true) ?? '');
  const entries = new Map<string, FoundEntry>();
  for (const [index, path] of own.services.entries()) {
    for (const entry of parseServiceFile(look(path, false) ?? '')) {
      // The person's own file comes first, and hides what the system's calls the same.
      if (!entries.has(entry.name)) {
        const found = fromService(
          entry,
          basename(path),
          words => lookUp(words, pgpass),
          (named, secret) => readOwnFile(atHome(named), secret)
        );
        entries.set(entry.name, { ...found, id: `${index}-${found.id}` });
      }
    }
  }
  const lines = fromLines(pgpass, basename(own.passwords));
  return {
    entries: [...entries.values(), ...lines.entries],
    files,
    remarks: lines.remarks
  };
}

function fromLines(
  pgpass: Pgpass,
  file: string
): Pick<Found, 'entries' | 'remarks'> {
  return {
    entries: pgpass.lines.map(line => fromPgpass(line, file)),
    remarks: pgpass.unreadable.map(
      number =>
        `Line ${number} of ${file} was left out: it does not have five fields with colons between them.`
    )
  };
}

/** As libpq looks it up for a service without a password, with its defaults for what is not said. */
function lookUp(
  words: ReadonlyMap<string, string>,
  standard: Pgpass
): string | undefined {
  const user = words.get('user') || userInfo().username;
  const host = words.get('host') || words.get('hostaddr') || 'localhost';
  const passfile = words.get('passfile');
  return passwordFor(passfile ? passwordFile(atHome(passfile)) : standard, {
    host: host.startsWith('/') ? 'localhost' : host,
    port: words.get('port') || '5432',
    database: words.get('dbname') || user,
    user
  });
}

function passwordFile(path: string): Pgpass {
  try {
    return parsePgpass(readOwnFile(path, true) ?? '');
  } catch {
    // libpq goes on without it, too.
    return parsePgpass('');
  }
}

/** libpq itself does not know `~`; people write it all the same. */
function atHome(path: string): string {
  return path.replace(/^~(?=\/)/, homedir());
}
