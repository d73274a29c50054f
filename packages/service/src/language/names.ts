/**
 * What completion asks of a database's catalog. Answers are what is known now; what is not is being read.
 */
export interface Names {
  /** Schemas whose tables need no prefix, in the server's order. */
  searched(): readonly string[];
  schemas(): readonly string[];
  /** Those that begin with a prefix, whatever its case. */
  tables(schema: string, prefix: string): Listed<Table>;
  /** None if there is no such table. */
  columns(schema: string, table: string): readonly Column[];
}

export interface Listed<Item> {
  items: readonly Item[];
  /** There are more. */
  isPartial: boolean;
}

export interface Table {
  name: string;
  kind: 'table' | 'view' | 'collection';
}

export interface Column {
  name: string;
  type: string;
}

/** Of a dialect without a catalog. */
export const noNames: Names = {
  searched: () => [],
  schemas: () => [],
  tables: () => ({ items: [], isPartial: false }),
  columns: () => []
};

export const isSame = (a: string, b: string) =>
  a.toLowerCase() === b.toLowerCase();
