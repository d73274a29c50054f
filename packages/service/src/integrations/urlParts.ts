import { fail } from '../serviceError.js';

/** A URL taken apart; everything is decoded. */
export interface UrlParts {
  /** Lower-case, without the colon. */
  scheme: string;
  user?: string;
  password?: string;
  /** An IPv6 address is without its brackets. */
  host?: string;
  port?: number;
  /** Without the slash in front. */
  path: string;
  options: [name: string, value: string][];
}

/**
 * Take `scheme://user:password@host:port/path?option=value` apart.
 * @throws ServiceError `invalid-field`, without a word of the URL but its scheme: the rest may hold a password
 */
export function readUrl(text: string): UrlParts {
  const scheme = schemeOf(text);
  const rest = text.slice(scheme.length + 1);
  const [, authority = ''] = /^\/\/([^/?#]*)/.exec(rest) ?? [];
  if (authority.slice(authority.lastIndexOf('@') + 1).includes(',')) {
    throw unreadable(
      scheme,
      'names several hosts.',
      'Paste it with one of them.'
    );
  }
  // Node gives some schemes, such as https, rules of their own; with this one all are read in the same way.
  const url = parse(`connection:${rest}`);
  // What stands before an @ belongs to the user's name or password.
  const isLogin = (name: string) => name.includes('@');
  if (
    !url ||
    isLogin(`${url.pathname}${url.hash}`) ||
    [...url.searchParams.keys()].some(isLogin)
  ) {
    throw unreadable(
      scheme,
      'can not be read.',
      `Write ${scheme}://user:password@host:port/database, with each of @ : / ? # % in a password or name as %40 %3A %2F %3F %23 %25.`
    );
  }
  const decoded = (part: string, what: string) =>
    decode(part, what, scheme).trim();
  return {
    scheme,
    ...(url.username ? { user: decoded(url.username, 'user name') } : {}),
    ...(url.password
      ? { password: decode(url.password, 'password', scheme) }
      : {}),
    ...(url.hostname
      ? { host: decoded(url.hostname, 'host').replace(/^\[|\]$/g, '') }
      : {}),
    ...(url.port ? { port: Number(url.port) } : {}),
    path: decoded(url.pathname.replace(/^\//, ''), 'path'),
    options: [...url.searchParams]
  };
}

/** @throws ServiceError `invalid-field` */
export function schemeOf(text: string): string {
  const scheme = /^([a-z][\w+.-]*):/i.exec(text)?.[1];
  if (!scheme) {
    throw fail(
      'invalid-field',
      'request',
      'This is not a connection URL.',
      'Paste one like scheme://user:password@host:port/database.',
      { field: 'url' }
    );
  }
  return scheme.toLowerCase();
}

function parse(text: string): URL | null {
  try {
    const url = new URL(text);
    return text.startsWith(`${url.protocol}//`) ? url : null;
  } catch {
    // The error holds the whole text.
    return null;
  }
}

function decode(part: string, what: string, scheme: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw unreadable(
      scheme,
      `has a % in its ${what} that is not followed by two hexadecimal digits.`,
      'Write a % as %25.'
    );
  }
}

function unreadable(scheme: string, what: string, fix: string): Error {
  return fail('invalid-field', 'request', `The ${scheme} URL ${what}`, fix, {
    field: 'url'
  });
}
