import type { Completion } from '@underpass/protocol';

import { type Dialect, writtenName } from './dialect.js';
import type { Names } from './names.js';
import { relationsAt, Scope } from './scope.js';
import type { Place } from './statement.js';
import type { Token } from './tokens.js';

/** Items of one answer: nobody reads more. */
const most = 300;

/** Gathers what may stand at a place. */
export class Finding {
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
