/**
 * What completion has to understand of a statement: which tables its parts name, and what may stand at the cursor.
 */

/** What stands behind FROM, JOIN, INTO or UPDATE. */
export interface Relation {
  /** Names as the system knows them; empty for what has none. */
  path: readonly string[];
  alias?: string | undefined;
  /** Given with the alias: `AS t (a, b)`. */
  columns?: readonly string[] | undefined;
  query?: Query | undefined;
}

/** A column of a query's result; `*` and `t.*` are all of somebody's. */
export interface Output {
  name: string;
  of?: string | undefined;
}

/** One SELECT; a set operation has several. */
export interface Part {
  relations: Relation[];
  outputs: Output[];
  selects: boolean;
}

export interface Query {
  parent: Query | undefined;
  /** The part of the parent that it stands in. */
  within: Part | undefined;
  tables: { name: string; columns?: string[] | undefined; query: Query }[];
  parts: Part[];
}

/** What the words before the cursor lead to. */
export interface Place {
  expects: 'statement' | 'relation' | 'keyword' | 'value';
  query: Query;
  part: Part;
}
