import type { Completion } from '@underpass/protocol';

import { type Dialect, meantName, plainName, writtenName } from './dialect.js';
import { type Names } from './names.js';
import { relationsAt, Scope } from './scope.js';
import { type Place, readStatement } from './statement.js';
import { type Token, tokenize } from './tokens.js';

/** Offsets into the source, and what may stand there. */
export interface Found {
  start: number;
  end: number;
  items: Completion[];
  /** Typing on may give others. */
  isPartial: boolean;
}

/** Items of one answer: nobody reads more. */
export const most = 300;

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

class Finding {
  readonly items: Completion[] = [];
  isPartial = false;
  private readonly texts = new Set<string>();
  private readonly scope: Scope;

  constructor(
    private readonly dialect: Dialect,
    private readonly names: Names,
    private readonly place: Place,
    private readonly prefix: string,
    private readonly quote: string
  ) {
    this.scope = new Scope(names);
  }

  look(path: readonly string[], statement: readonly Token[]): void {
    const { expects } = this.place;
    if (path.length > 0) {
      this.members(path);
      return;
    }
    if (expects === 'relation') {
      this.ctes();
      this.tablesSearched();
      this.schemas();
      return;
    }
    if (expects === 'value') {
      this.columns();
      this.qualifiers();
    }
    if (this.quote !== '') {
      return;
    }
    if (expects === 'value') {
      this.words(this.dialect.functions, 'function', text => text);
    }
    const inLowerCase = writesInLowerCase(this.prefix, statement);
    const ordered =
      expects === 'statement'
        ? byStatement(this.dialect.keywords)
        : this.dialect.keywords;
    this.words(ordered, 'keyword', text =>
      inLowerCase ? text.toLowerCase() : text
    );
  }

  /** What stands behind `path.`: columns of what it names in this statement, else tables of a schema. */
  private members(path: readonly string[]): void {
    if (this.place.expects !== 'relation') {
      for (const relation of relationsAt(this.place)) {
        if (this.scope.isCalled(relation, path)) {
          this.addColumns(this.scope.columnsOf(relation, this.place.query));
          return;
        }
      }
    }
    this.nextSegments(path);
    this.tables(this.scope.schemaNamed(path));
  }

  private columns(): void {
    for (const relation of relationsAt(this.place)) {
      this.addColumns(this.scope.columnsOf(relation, this.place.query));
    }
  }

  private addColumns(columns: ReturnType<Scope['columnsOf']>): void {
    for (const { name, type } of columns) {
      this.addName(name, 'column', type);
    }
  }

  private qualifiers(): void {
    for (const { alias, path } of relationsAt(this.place)) {
      const name = alias ?? path.at(-1);
      if (name) {
        this.addName(name, alias ? 'alias' : 'table');
      }
    }
  }

  private ctes(): void {
    for (
      let query: Place['query'] | undefined = this.place.query;
      query;
      query = query.parent
    ) {
      query.tables.forEach(({ name }) => this.addName(name, 'table'));
    }
  }

  private tablesSearched(): void {
    this.names.searched().forEach(schema => this.tables(schema));
  }

  private tables(schema: string): void {
    const { items, isPartial } = this.names.tables(schema, this.prefix);
    this.isPartial ||= isPartial;
    for (const { name, kind } of items) {
      this.addName(name, kind);
    }
  }

  private schemas(): void {
    for (const schema of this.names.schemas()) {
      this.addName(schema.split('.')[0] ?? schema, 'schema');
    }
  }

  /** Of schemas with several parts, `catalog.schema`. */
  private nextSegments(path: readonly string[]): void {
    const before = `${path.join('.').toLowerCase()}.`;
    for (const schema of this.names.schemas()) {
      if (schema.toLowerCase().startsWith(before)) {
        this.addName(schema.slice(before.length).split('.')[0] ?? '', 'schema');
      }
    }
  }

  private words(
    words: readonly string[],
    kind: Completion['kind'],
    write: (text: string) => string
  ): void {
    for (const word of words) {
      this.add(write(word), word, kind);
    }
  }

  private addName(
    name: string,
    kind: Completion['kind'],
    detail?: string
  ): void {
    if (name !== '') {
      this.add(writtenName(name, this.dialect, this.quote), name, kind, detail);
    }
  }

  private add(
    text: string,
    name: string,
    kind: Completion['kind'],
    detail?: string
  ): void {
    if (
      !name.toLowerCase().startsWith(this.prefix.toLowerCase()) ||
      this.texts.has(text)
    ) {
      return;
    }
    if (this.items.length >= most) {
      this.isPartial = true;
      return;
    }
    this.texts.add(text);
    this.items.push({
      text,
      filter: `${this.quote}${name}`,
      kind,
      ...(detail ? { detail } : {})
    });
  }
}

/** As the person does: in the word that is typed, else in the first one of the statement. */
function writesInLowerCase(
  prefix: string,
  statement: readonly Token[]
): boolean {
  const sample =
    prefix || statement.find(({ kind }) => kind === 'word')?.text || 'A';
  return sample === sample.toLowerCase();
}

/** What statements begin with, first. */
function byStatement(keywords: readonly string[]): string[] {
  const first = [
    'SELECT',
    'WITH',
    'INSERT',
    'UPDATE',
    'DELETE',
    'CREATE',
    'EXPLAIN',
    'SHOW',
    'DESCRIBE'
  ];
  const known = first.filter(word => keywords.includes(word));
  return [...known, ...keywords.filter(word => !known.includes(word))];
}
