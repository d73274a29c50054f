/**
 * libpq's connection service file: https://www.postgresql.org/docs/current/libpq-pgservice.html
 */

export interface ServiceEntry {
  name: string;
  /** Of its heading, from 1. */
  line: number;
  /** Of a word that is there twice the first counts. */
  words: ReadonlyMap<string, string>;
  /** What libpq would refuse the whole service for, one sentence each. */
  problems: string[];
}

/** Read it as libpq does: of two services with a name the first counts, and there is no blank beside `=`. */
export function parseServiceFile(text: string): ServiceEntry[] {
  const entries = new Map<
    string,
    ServiceEntry & { words: Map<string, string> }
  >();
  let current: (ServiceEntry & { words: Map<string, string> }) | undefined;
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const line = raw.trim();
    const number = index + 1;
    if (line === '' || line.startsWith('#')) {
      continue;
    }
    const name = /^\[([^\]]*)\]/.exec(line)?.[1];
    if (name !== undefined) {
      current = entries.has(name)
        ? undefined
        : { name, line: number, words: new Map(), problems: [] };
      if (current) {
        entries.set(name, current);
      }
      continue;
    }
    if (current) {
      readWord(line, number, current);
    }
  }
  return [...entries.values()];
}

function readWord(
  line: string,
  number: number,
  { words, problems }: ServiceEntry & { words: Map<string, string> }
): void {
  if (line.startsWith('ldap')) {
    problems.push(
      `Line ${number} asks a directory (LDAP) for the connection, which is not done here.`
    );
    return;
  }
  const at = line.indexOf('=');
  const word = line.slice(0, Math.max(at, 0));
  if (at < 0 || word !== word.trim() || !/^\w+$/.test(word)) {
    // What is not understood may be a password.
    problems.push(
      `Line ${number} can not be read: libpq wants word=value, without blanks before the "=".`
    );
    return;
  }
  if (word === 'service' || word === 'servicefile') {
    problems.push(
      `Line ${number} names another service, which libpq does not allow.`
    );
    return;
  }
  if (!words.has(word)) {
    words.set(word, line.slice(at + 1));
  }
}
