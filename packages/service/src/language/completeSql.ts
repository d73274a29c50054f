import type { Completion } from '@underpass/protocol';

import { type Dialect, meantName, plainName } from './dialect.js';
import { Finding } from './finding.js';
import type { Names } from './names.js';
import { readStatement } from './statementReader.js';
import { type Token, tokenize } from './tokens.js';

/** Offsets into the source, and what may stand there. */
export interface Found {
  start: number;
  end: number;
  items: Completion[];
  /** Typing on may give others. */
  isPartial: boolean;
}

/**
 * What may stand at a place of SQL; undefined where that is not for SQL to say: within texts, comments and `{{ }}`.
 * @param from where the SQL begins in the source
 */
export function completeSql(
  source: string,
  offset: number,
  from: number,
  dialect: Dialect,
  names: Names
): Found | undefined {
  const tokens = tokenize(source, dialect, from);
  const under = tokens.find(
    ({ start, end }) => start < offset && offset <= end
  );
  if (under && isForeign(under, offset)) {
    return undefined;
  }
  const statement = statementAt(tokens, offset).filter(
    ({ kind }) => kind !== 'comment'
  );
  const typed =
    under &&
    (under.kind === 'word' || under.kind === 'name') &&
    isWithin(under, offset)
      ? under
      : undefined;
  const start = typed?.start ?? offset;
  const { path, begin } = pathBefore(statement, start, dialect);
  const place = readStatement(
    statement.filter(({ end }) => end <= begin),
    statement.filter(token => token.start >= offset && token !== typed),
    dialect
  );
  const word = source.slice(start, offset);
  const quote = typed?.kind === 'name' ? word.slice(0, 1) : '';
  const end = typed?.kind === 'name' && !typed.open ? typed.end : offset;
  const prefix = typed?.kind === 'name' ? plainName(word, dialect) : word;
  const found = new Finding(dialect, names, place, prefix, quote);
  found.look(path, statement);
  return { start, end, items: found.items, isPartial: found.isPartial };
}

function isForeign({ kind, end, open }: Token, offset: number): boolean {
  switch (kind) {
    case 'comment':
      return open || offset < end;
    case 'text':
    case 'expression':
      return open || offset < end;
    case 'number':
      return true;
    default:
      return false;
  }
}

/** Behind its closing quote a name is complete. */
function isWithin({ kind, end, open }: Token, offset: number): boolean {
  return kind === 'word' || open || offset < end;
}

/** The tokens between the semicolons around the cursor. */
function statementAt(tokens: readonly Token[], offset: number): Token[] {
  const semicolons = tokens.filter(
    ({ kind, text }) => kind === 'symbol' && text === ';'
  );
  const begin = semicolons.filter(({ end }) => end <= offset).at(-1)?.end ?? 0;
  const end =
    semicolons.find(({ start }) => start >= offset)?.start ?? Infinity;
  return tokens.filter(token => token.start >= begin && token.end <= end);
}

/** The names before a dot that what is typed belongs to. */
function pathBefore(
  tokens: readonly Token[],
  start: number,
  dialect: Dialect
): { path: string[]; begin: number } {
  const path: string[] = [];
  let begin = start;
  for (;;) {
    const at = tokens.findIndex(
      ({ end, text }) => end === begin && text === '.'
    );
    const name = tokens[at - 1];
    const dot = tokens[at];
    if (
      !name ||
      !dot ||
      name.end !== dot.start ||
      (name.kind !== 'word' && name.kind !== 'name')
    ) {
      return { path, begin };
    }
    path.unshift(meantName(name.text, dialect));
    begin = name.start;
  }
}
