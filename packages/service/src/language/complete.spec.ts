import assert from 'node:assert/strict';
import { test } from 'node:test';

import { complete, type Known } from './complete.js';
import type { Names } from './names.js';

const names: Names = {
  searched: () => ['shop'],
  schemas: () => ['shop'],
  tables: (_, prefix) => ({
    items: ['orders', 'customers']
      .filter(name => name.startsWith(prefix))
      .map(name => ({ name, kind: 'collection' })),
    isPartial: false
  }),
  columns: () => [{ name: 'total', type: 'double' }]
};

const databases = [
  { name: 'My DB', label: 'PostgreSQL' },
  { name: 'prod', label: 'MySQL' },
  { name: `It's "odd"`, label: 'Trino' }
];

function find(name: string): Known | undefined {
  return /^docs$/i.test(name)
    ? { name, label: 'MongoDB', type: 'mongodb', names }
    : undefined;
}

/** The cell after each of the things offered at `|` was chosen. */
function chosen(cell: string): string[] {
  const before = cell.slice(0, cell.indexOf('|'));
  const text = cell.replace('|', '');
  const { range, items } = complete(
    {
      text,
      line: before.split('\n').length - 1,
      character: before.length - before.lastIndexOf('\n') - 1
    },
    databases,
    find
  );
  const lines = text.split('\n');
  return items.map(item => {
    const line = lines[range.start.line] ?? '';
    return (
      line.slice(0, range.start.character) +
      item.text +
      line.slice(range.end.character)
    );
  });
}

test('the first line begins with an integration, quoted as a shell would', () => {
  assert.deepEqual(chosen('%%sql |'), [
    '%%sql "My DB"',
    '%%sql prod',
    `%%sql 'It'"'"'s "odd"'`,
    '%%sql duckdb'
  ]);
  assert.deepEqual(chosen('%%sql my|'), ['%%sql "My DB"']);
  assert.deepEqual(chosen('%%sql "M|"'), ['%%sql "My DB"']);
  assert.deepEqual(chosen('%%sql "My D|'), ['%%sql "My DB"']);
  assert.deepEqual(chosen('%%underpass p|\nSELECT 1'), ['%%underpass prod']);
  assert.deepEqual(chosen('%%sql -o df p|'), ['%%sql -o df prod']);
});

test('behind the integration there are the options that are not there yet', () => {
  assert.deepEqual(chosen('%%sql prod --fr|'), ['%%sql prod --frame']);
  assert.deepEqual(chosen('%%sql prod --frame arrow --fr|'), []);
  assert.ok(chosen('%%sql prod |').includes('%%sql prod -o'));
  assert.deepEqual(chosen('%%sql prod --frame |'), [
    '%%sql prod --frame pandas',
    '%%sql prod --frame polars',
    '%%sql prod --frame arrow'
  ]);
  assert.deepEqual(chosen('%%sql prod -o |'), []);
});

test('a cell of Python, and the name of the magic, are none of its business', () => {
  assert.deepEqual(chosen('SEL|'), []);
  assert.deepEqual(chosen('%%sq|'), []);
  assert.deepEqual(chosen('%%sql|'), []);
  assert.deepEqual(chosen('%%sqlite |'), []);
});

test('keywords are offered for an integration that nobody knows', () => {
  assert.ok(chosen('%%sql nobody\nSEL|').includes('SELECT'));
  assert.ok(chosen('%%sql\nSEL|').includes('SELECT'));
});

test('places are counted as editors do, in UTF-16', () => {
  assert.deepEqual(chosen("%%sql x\nSELECT '😀' fro|"), ["SELECT '😀' from"]);
  assert.deepEqual(chosen('%%sql x\r\nSELECT 1 fro|'), ['SELECT 1 from']);
  assert.deepEqual(
    complete({ text: '%%sql x', line: 9, character: 99 }, [], find).items,
    complete({ text: '%%sql x', line: 0, character: 7 }, [], find).items
  );
});

test('a cell of MongoDB has collections, methods, operators and keys', () => {
  assert.deepEqual(chosen('%%sql docs\ndb.ord|'), ['db.orders']);
  assert.deepEqual(chosen('%%sql docs\ndb.orders.cou|'), [
    'db.orders.countDocuments'
  ]);
  assert.deepEqual(chosen('%%sql docs\ndb.orders.find({to|'), [
    'db.orders.find({total'
  ]);
  assert.deepEqual(chosen('%%sql docs\ndb.orders.find({total: {$gt|'), [
    'db.orders.find({total: {$gt',
    'db.orders.find({total: {$gte'
  ]);
  assert.deepEqual(chosen('%%sql docs\ndb.orders.find({{ ord|'), []);
});
