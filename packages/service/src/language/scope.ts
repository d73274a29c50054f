/**
 * What the names in a statement stand for.
 */
import { type Column, isSame, type Names } from './names.js';
import type { Part, Place, Query, Relation } from './statement.js';

/** Queries in queries that are looked through for the columns of the outermost: recursive ones have no end. */
const deepest = 8;

/** The relations that can be spoken of at a place: its own first, then those around it. */
export function relationsAt({ part, query }: Place): Relation[] {
  const found = [...part.relations];
  for (let inner: Query | undefined = query; inner; inner = inner.parent) {
    found.push(...(inner.within?.relations ?? []));
  }
  return found;
}

export class Scope {
  constructor(private readonly names: Names) {}

  /** Whether `path.` is about this relation. */
  isCalled({ alias, path }: Relation, called: readonly string[]): boolean {
    if (alias !== undefined) {
      return called.length === 1 && isSame(alias, called[0] ?? '');
    }
    const last = path.slice(-called.length);
    return (
      last.length === called.length &&
      last.every((name, index) => isSame(name, called[index] ?? ''))
    );
  }

  /** @param query where the relation is named */
  columnsOf(relation: Relation, query: Query, depth = 0): readonly Column[] {
    const { columns, path } = relation;
    if (columns) {
      return columns.map(untyped);
    }
    if (depth > deepest) {
      return [];
    }
    if (relation.query) {
      return this.outputsOf(relation.query, depth);
    }
    const [only] = path;
    if (only !== undefined && path.length === 1) {
      for (let outer: Query | undefined = query; outer; outer = outer.parent) {
        const table = outer.tables.find(({ name }) => isSame(name, only));
        if (table) {
          return (
            table.columns?.map(untyped) ?? this.outputsOf(table.query, depth)
          );
        }
      }
    }
    return this.columnsInCatalog(path);
  }

  /** The schema that a path names, as the catalog writes it. */
  schemaNamed(path: readonly string[]): string {
    const whole = path.join('.');
    const schemas = this.names.schemas();
    const known = (name: string) =>
      schemas.find(schema => schema === name) ??
      schemas.find(schema => isSame(schema, name));
    // `database.schema`, where the catalog is that of one database.
    return known(whole) ?? known(path.at(-1) ?? '') ?? whole;
  }

  private columnsInCatalog(path: readonly string[]): readonly Column[] {
    const table = path.at(-1);
    if (!table) {
      return [];
    }
    const schemas =
      path.length > 1
        ? [this.schemaNamed(path.slice(0, -1))]
        : this.names.searched();
    for (const schema of schemas) {
      const found = this.names.columns(schema, table);
      if (found.length > 0) {
        return found;
      }
    }
    return [];
  }

  /** The columns of a query's result: those of its first part. */
  private outputsOf(query: Query, depth: number): readonly Column[] {
    const part = query.parts.find(({ selects }) => selects);
    if (!part) {
      return [];
    }
    return part.outputs.flatMap(({ name, of }) =>
      name === '*' ? this.allOf(part, of, query, depth) : [untyped(name)]
    );
  }

  private allOf(
    { relations }: Part,
    of: string | undefined,
    query: Query,
    depth: number
  ): readonly Column[] {
    return relations
      .filter(relation => of === undefined || this.isCalled(relation, [of]))
      .flatMap(relation => this.columnsOf(relation, query, depth + 1));
  }
}

const untyped = (name: string): Column => ({ name, type: '' });
