import { isSame, type Names } from '../language/names.js';

const tables: { [schema: string]: { [table: string]: string[] } } = {
  public: {
    orders: ['id', 'customer_name', 'total'],
    customers: ['id', 'name', 'city'],
    'Mixed Case': ['Some Value', 'plain']
  },
  stock: { parts: ['part_number'] },
  'lake.raw': { events: ['payload'] }
};

/** A small catalog that is known already. */
export const shopNames: Names = {
  searched: () => ['public'],
  schemas: () => Object.keys(tables),
  tables: (schema, prefix) => ({
    items: Object.keys(tables[schema] ?? {})
      .filter(name => name.toLowerCase().startsWith(prefix.toLowerCase()))
      .map(name => ({ name, kind: 'table' })),
    isPartial: false
  }),
  columns: (schema, table) => {
    const found = Object.entries(tables[schema] ?? {}).find(([name]) =>
      isSame(name, table)
    );
    return (found?.[1] ?? []).map(name => ({ name, type: 'text' }));
  }
};
