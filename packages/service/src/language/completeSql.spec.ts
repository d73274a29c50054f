import assert from 'node:assert/strict';
import { test } from 'node:test';

import { shopNames as names } from '../testing/shopNames.js';
import { completeSql } from './completeSql.js';
import { dialectOf } from './dialect.js';

/** What is offered at `|`. */
function offered(cell: string, type = 'postgresql') {
  const offset = cell.indexOf('|');
  const source = cell.replace('|', '');
  return completeSql(source, offset, 0, dialectOf(type), names);
}

function texts(cell: string, type?: string): string[] {
  return offered(cell, type)?.items.map(({ text }) => text) ?? [];
}

function ofKind(cell: string, kinds: string[], type?: string): string[] {
  return (offered(cell, type)?.items ?? [])
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ text }) => text);
}

const columns = (cell: string, type?: string) => ofKind(cell, ['column'], type);

/** The cell after the first thing offered was chosen. */
function chosen(cell: string, type?: string): string {
  const source = cell.replace('|', '');
  const { start, end, items } = offered(cell, type)!;
  return source.slice(0, start) + items[0]!.text + source.slice(end);
}

test('a statement begins with keywords, in the case that is typed', () => {
  assert.equal(texts('S|')[0], 'SELECT');
  assert.equal(texts('sel|')[0], 'select');
  assert.equal(texts('|')[0], 'SELECT');
  assert.equal(texts('SELECT 1; w|')[0], 'with');
});

test('behind FROM and JOIN there are tables, and what leads to others', () => {
  const after = [
    '"Mixed Case"',
    'customers',
    'lake',
    'orders',
    'public',
    'stock'
  ];
  assert.deepEqual(texts('SELECT * FROM |').sort(), after);
  assert.deepEqual(texts('SELECT * FROM orders o JOIN |').sort(), after);
  assert.deepEqual(texts('SELECT * FROM orders, |').sort(), after);
  assert.deepEqual(texts('SELECT * FROM ord|'), ['orders']);
  assert.deepEqual(texts('INSERT INTO ord|'), ['orders']);
  assert.deepEqual(texts('UPDATE ord|'), ['orders']);
  assert.deepEqual(texts('DELETE FROM ord|'), ['orders']);
  assert.deepEqual(texts('SELECT * FROM (orders JOIN cust|'), ['customers']);
});

test('columns are those of the tables of the statement, wherever these are named', () => {
  assert.deepEqual(columns('SELECT | FROM orders'), [
    'id',
    'customer_name',
    'total'
  ]);
  assert.deepEqual(columns('SELECT cust| FROM orders'), ['customer_name']);
  assert.deepEqual(columns('SELECT * FROM orders WHERE t|'), ['total']);
  assert.deepEqual(columns('SELECT id, count(t|) FROM orders'), ['total']);
  assert.deepEqual(columns('SELECT * FROM orders GROUP BY t|'), ['total']);
  assert.deepEqual(columns('UPDATE orders SET t|'), ['total']);
  assert.deepEqual(columns('INSERT INTO orders (t|'), ['total']);
  assert.deepEqual(columns('SELECT * FROM orders o JOIN customers c ON c|'), [
    'customer_name',
    'city'
  ]);
  assert.deepEqual(columns('SELECT part| FROM stock.parts'), ['part_number']);
});

test('an alias has the columns of its table, and hides the name', () => {
  assert.deepEqual(texts('SELECT o.| FROM orders o'), [
    'id',
    'customer_name',
    'total'
  ]);
  assert.deepEqual(texts('SELECT o.| FROM orders AS o JOIN customers c'), [
    'id',
    'customer_name',
    'total'
  ]);
  assert.deepEqual(texts('SELECT * FROM orders o, customers c WHERE c.|'), [
    'id',
    'name',
    'city'
  ]);
  assert.deepEqual(texts('SELECT orders.t| FROM orders'), ['total']);
  assert.deepEqual(texts('SELECT "O".| FROM orders "O"'), [
    'id',
    'customer_name',
    'total'
  ]);
  assert.deepEqual(ofKind('SELECT | FROM orders o', ['alias']), ['o']);
  assert.deepEqual(texts('SELECT p.| FROM stock.parts AS p'), ['part_number']);
});

test('names behind a schema are its tables, also where schemas have several parts', () => {
  assert.deepEqual(texts('SELECT * FROM stock.|'), ['parts']);
  assert.deepEqual(texts('SELECT * FROM "stock".pa|'), ['parts']);
  assert.deepEqual(texts('SELECT * FROM lake.|'), ['raw']);
  assert.deepEqual(texts('SELECT * FROM lake.raw.|'), ['events']);
  assert.deepEqual(columns('SELECT e.| FROM lake.raw.events e'), ['payload']);
  assert.deepEqual(columns('SELECT e.| FROM shop.stock.parts e'), [
    'part_number'
  ]);
});

test('names are quoted where they have to be, as the dialect does it', () => {
  assert.equal(chosen('SELECT * FROM Mix|'), 'SELECT * FROM "Mixed Case"');
  assert.equal(chosen('SELECT * FROM "Mix|'), 'SELECT * FROM "Mixed Case"');
  assert.equal(chosen('SELECT * FROM "Mix|"'), 'SELECT * FROM "Mixed Case"');
  assert.equal(
    chosen('SELECT * FROM "Mix| WHERE x'),
    'SELECT * FROM "Mixed Case" WHERE x'
  );
  assert.equal(
    chosen('SELECT * FROM Mix|', 'mysql'),
    'SELECT * FROM `Mixed Case`'
  );
  assert.equal(
    chosen('SELECT * FROM [Mix|', 'sqlserver'),
    'SELECT * FROM [Mixed Case]'
  );
  assert.equal(
    chosen('SELECT * FROM "Mix|', 'sqlserver'),
    'SELECT * FROM "Mixed Case"'
  );
  assert.equal(
    chosen('SELECT * FROM ord|', 'snowflake'),
    'SELECT * FROM "orders"'
  );
  assert.deepEqual(columns('SELECT | FROM "Mixed Case"'), [
    '"Some Value"',
    'plain'
  ]);
  assert.deepEqual(columns('SELECT m.| FROM `Mixed Case` m', 'mysql'), [
    '`Some Value`',
    'plain'
  ]);
});

test('common table expressions are tables with the columns that they select', () => {
  const cte =
    'WITH recent AS (SELECT o.id, total AS amount, c.* FROM orders o JOIN customers c ON true) ';
  assert.equal(texts(`${cte}SELECT * FROM rec|`)[0], 'recent');
  assert.deepEqual(columns(`${cte}SELECT r.| FROM recent r`), [
    'id',
    'amount',
    'name',
    'city'
  ]);
  assert.deepEqual(columns('WITH a (x, y) AS (SELECT 1, 2) SELECT | FROM a'), [
    'x',
    'y'
  ]);
  assert.deepEqual(columns('WITH a AS (SELECT t| FROM orders) SELECT 1'), [
    'total'
  ]);
  assert.deepEqual(
    columns('WITH a AS (SELECT 1 AS one), b AS (SELECT o| FROM a) SELECT 1'),
    ['one']
  );
  assert.deepEqual(
    columns('WITH RECURSIVE a AS (SELECT * FROM a) SELECT | FROM a'),
    []
  );
});

test('queries within queries see what is around them, not beside them', () => {
  assert.deepEqual(
    columns(
      'SELECT * FROM orders WHERE EXISTS (SELECT 1 FROM customers WHERE ci|)'
    ),
    ['city']
  );
  assert.deepEqual(
    columns(
      'SELECT * FROM orders WHERE EXISTS (SELECT 1 FROM customers WHERE tot|)'
    ),
    ['total']
  );
  assert.deepEqual(
    columns(
      'SELECT * FROM orders WHERE id IN (SELECT id FROM customers) AND ci|'
    ),
    []
  );
  assert.deepEqual(
    columns('SELECT s.| FROM (SELECT id AS code FROM orders) s'),
    ['code']
  );
  assert.deepEqual(columns('SELECT | FROM (VALUES (1, 2)) AS v (a, b)'), [
    'a',
    'b'
  ]);
  assert.deepEqual(
    columns('SELECT id FROM orders UNION SELECT ci| FROM customers'),
    ['city']
  );
  assert.deepEqual(
    columns('SELECT id FROM orders UNION ALL SELECT tot| FROM customers'),
    []
  );
});

test('only the statement under the cursor counts', () => {
  assert.deepEqual(
    columns('SELECT 1 FROM orders; SELECT ci| FROM customers; SELECT 2'),
    ['city']
  );
  assert.deepEqual(columns("SELECT ';' , t| FROM orders"), ['total']);
  assert.deepEqual(
    columns('SELECT * FROM orders\nSELECT ci| FROM customers', 'sqlserver'),
    ['city']
  );
});

test('there is nothing within texts, comments, numbers and what is for Python', () => {
  for (const cell of [
    "SELECT 'ord|'",
    "SELECT 'ord|",
    "SELECT 'it''s ord|'",
    'SELECT 1 -- ord|',
    'SELECT /* ord| */ 1',
    'SELECT /* ord|',
    'SELECT {{ ord| }}',
    'SELECT {{ ord|',
    'SELECT 12|',
    'SELECT $$ ord| $$',
    "SELECT E'\\' ord|'"
  ]) {
    assert.equal(offered(cell), undefined, cell);
  }
  assert.equal(offered('SELECT "ord|"', 'mysql'), undefined);
  assert.equal(offered("SELECT 'a\\' ord|'", 'mysql'), undefined);
  assert.equal(offered('SELECT 1 # ord|', 'mysql'), undefined);
  assert.deepEqual(columns("SELECT '\\', t| FROM orders"), ['total']);
  assert.deepEqual(columns('SELECT /* /* */ */ t| FROM orders'), ['total']);
  assert.deepEqual(columns('SELECT {{ x }}, t| FROM orders'), ['total']);
});

test('FROM within a function or a comparison names no table', () => {
  assert.deepEqual(columns('SELECT extract(year FROM t|) FROM orders'), [
    'total'
  ]);
  assert.deepEqual(
    columns('SELECT * FROM orders WHERE id IS DISTINCT FROM t|'),
    ['total']
  );
});

test('functions and keywords are those of the dialect', () => {
  const functions = (type: string) =>
    ofKind('SELECT date|', ['function'], type);
  assert.ok(functions('postgresql').includes('date_trunc'));
  assert.ok(functions('mysql').includes('date_format'));
  assert.ok(functions('sqlserver').includes('dateadd'));
  assert.ok(
    texts('SELECT * FROM orders PRE|', 'clickhouse').includes('PREWHERE')
  );
  assert.ok(!texts('SELECT * FROM orders PRE|', 'mysql').includes('PREWHERE'));
  assert.ok(texts('SELECT TO|', 'sqlserver').includes('TOP'));
});

test('behind a table or a value there are keywords, not columns', () => {
  assert.deepEqual(columns('SELECT * FROM orders |'), []);
  assert.ok(texts('SELECT * FROM orders wh|').includes('where'));
  assert.deepEqual(columns('SELECT total | FROM orders'), []);
  assert.deepEqual(columns('SELECT * | FROM orders'), []);
  assert.ok(texts('SELECT * | FROM orders').includes('FROM'));
});

test('no cell makes it fail, wherever the cursor is', () => {
  const cells = [
    'WITH a AS (SELECT (1, [2]) FROM "x", (b c) ) SELECT a.b.c, * FROM a LEFT JOIN LATERAL (SELECT 1) x ON (true)',
    ') ( ) . .. "" \'\' `` [ ] {{ }} FROM FROM JOIN , , AS AS ( SELECT FROM',
    'INSERT INTO a.b (c, d) SELECT * FROM e ON CONFLICT DO UPDATE SET c = excluded.c RETURNING *'
  ];
  for (const cell of cells) {
    for (const type of ['postgresql', 'mysql', 'sqlserver', '']) {
      for (let at = 0; at <= cell.length; at++) {
        assert.doesNotThrow(() =>
          offered(`${cell.slice(0, at)}|${cell.slice(at)}`, type)
        );
      }
    }
  }
});

test('a long cell is read in no time', () => {
  const long = `SELECT ${Array.from({ length: 5000 }, (_, i) => `coalesce(o.total, ${i})`).join(', ')} FROM orders o WHERE t|`;
  const began = performance.now();
  assert.deepEqual(columns(long), ['total']);
  assert.ok(performance.now() - began < 1000);
});
