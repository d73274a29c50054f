/**
 * libpq's password file: https://www.postgresql.org/docs/current/libpq-pgpass.html
 */

/** One line; undefined stands for the wildcard `*`. */
export interface PgpassLine {
  /** From 1. */
  number: number;
  host: string | undefined;
  port: string | undefined;
  database: string | undefined;
  user: string | undefined;
  password: string;
}

export interface Pgpass {
  lines: PgpassLine[];
  /** Numbers of lines that libpq skips because they have too few fields. */
  unreadable: number[];
}

/** Whom a password is looked up for. */
export interface Login {
  host: string;
  port: string;
  database: string;
  user: string;
}

/** Read it as libpq does: no blanks are trimmed, `\` stands before a `:` or `\`, a comment has its `#` in front. */
export function parsePgpass(text: string): Pgpass {
  const lines: PgpassLine[] = [];
  const unreadable: number[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const line = raw.replace(/\r+$/, '');
    if (line === '' || line.startsWith('#')) {
      continue;
    }
    const parts = split(line);
    const [host, port, database, user, password] = parts;
    // What stands behind a colon in the password, libpq does not read.
    if (parts.length < 5 || password === undefined) {
      unreadable.push(index + 1);
      continue;
    }
    lines.push({
      number: index + 1,
      host: pattern(host),
      port: pattern(port),
      database: pattern(database),
      user: pattern(user),
      password: unescaped(password)
    });
  }
  return { lines, unreadable };
}

/** The password of the first line that fits, as for libpq. */
export function passwordFor(
  { lines }: Pgpass,
  login: Login
): string | undefined {
  return lines.find(line =>
    (['host', 'port', 'database', 'user'] as const).every(
      field => line[field] === undefined || line[field] === login[field]
    )
  )?.password;
}

/** At the colons without a backslash. */
function split(line: string): string[] {
  return line.match(/(?<=^|:)(?:\\.|\\$|[^:\\])*/gs) ?? [];
}

/** `\*` is a star. */
function pattern(field: string | undefined): string | undefined {
  return field === undefined || field === '*' ? undefined : unescaped(field);
}

function unescaped(field: string): string {
  return field.replace(/\\(.)/gs, '$1');
}
