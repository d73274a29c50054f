import type { Dialect } from './dialect.js';

export type TokenKind =
  | 'word'
  | 'name'
  | 'text'
  | 'number'
  | 'comment'
  /** `{{ … }}`, which is Python's. */
  | 'expression'
  | 'symbol';

export interface Token {
  kind: TokenKind;
  start: number;
  end: number;
  text: string;
  /** What ends it is missing. */
  open: boolean;
}

const word = /[\p{L}_@#][\p{L}\p{N}_$@#]*/uy;
const number = /\d[\w.]*/y;
const dollarTag = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;

/**
 * Cut SQL into tokens. Never fails: people complete what is not finished.
 * @param from where to begin; offsets count from the start of the source all the same
 */
export function tokenize(
  source: string,
  dialect: Dialect,
  from = 0
): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = from; at < source.length;) {
    const token = next(source, at, dialect);
    if (token.kind !== 'symbol' || token.text.trim() !== '') {
      tokens.push(token);
    }
    at = token.end;
  }
  return tokens;
}

function next(source: string, start: number, dialect: Dialect): Token {
  const character = source[start] ?? '';
  const two = source.slice(start, start + 2);
  const token = (kind: TokenKind, end: number, open = false): Token => ({
    kind,
    start,
    end,
    text: source.slice(start, end),
    open
  });
  const until = (kind: TokenKind, closing: string, skip: number) => {
    const found = source.indexOf(closing, start + skip);
    return found < 0
      ? token(kind, source.length, true)
      : token(kind, found + closing.length);
  };
  if (two === '{{') {
    return until('expression', '}}', 2);
  }
  if (two === '--' || (character === '#' && dialect.hashComments)) {
    const end = source.indexOf('\n', start);
    // At its very end one is in it still.
    return token('comment', end < 0 ? source.length : end, true);
  }
  if (two === '/*') {
    return dialect.nestedComments
      ? nested(source, token, start)
      : until('comment', '*/', 2);
  }
  if (character === "'" || (character === '"' && dialect.doubleQuotedText)) {
    const end = quotedEnd(source, start, character, escapes(source, start));
    return token('text', end ?? source.length, end === undefined);
  }
  const pair = dialect.quotes.find(([open]) => open === character);
  if (pair) {
    const end = quotedEnd(source, start, pair[1], false);
    // A quote that is not closed ends with its line: the rest of the cell is none of it.
    const line = source.slice(start).search(/\r?\n|$/);
    const lineEnd = start + line;
    return end === undefined || end > lineEnd
      ? token('name', openEnd(source, start, lineEnd), true)
      : token('name', end);
  }
  if (dialect.dollarQuotes && character === '$') {
    const tag = match(dollarTag, source, start);
    if (tag) {
      return until('text', tag, tag.length);
    }
  }
  const found = match(word, source, start);
  if (found) {
    return token('word', start + found.length);
  }
  const digits = match(number, source, start);
  return digits
    ? token('number', start + digits.length)
    : token('symbol', start + 1);

  function escapes(text: string, at: number): boolean {
    return (
      dialect.backslashes ||
      // PostgreSQL's E'…'
      (dialect.dollarQuotes &&
        /(?:^|[^\w$])e$/i.test(text.slice(Math.max(0, at - 2), at)))
    );
  }
}

/** Behind the closing quote, which stands twice where it is meant. */
function quotedEnd(
  source: string,
  start: number,
  close: string,
  backslashes: boolean
): number | undefined {
  for (let at = start + 1; at < source.length; at++) {
    if (backslashes && source[at] === '\\') {
      at++;
    } else if (source[at] === close) {
      if (source[at + 1] !== close) {
        return at + 1;
      }
      at++;
    }
  }
  return undefined;
}

/** A name whose quote is not closed: as far as it can be one. */
function openEnd(source: string, start: number, lineEnd: number): number {
  const rest =
    /^.[^\s,;()=<>.]*/u.exec(source.slice(start, lineEnd))?.[0] ?? '';
  return start + Math.max(1, rest.length);
}

function nested(
  source: string,
  token: (kind: TokenKind, end: number, open?: boolean) => Token,
  start: number
): Token {
  let depth = 1;
  for (let at = start + 2; at < source.length - 1; at++) {
    const two = source.slice(at, at + 2);
    if (two === '/*' || two === '*/') {
      depth += two === '/*' ? 1 : -1;
      at++;
      if (depth === 0) {
        return token('comment', at + 1);
      }
    }
  }
  return token('comment', source.length, true);
}

function match(
  pattern: RegExp,
  source: string,
  at: number
): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}
