import assert from 'node:assert/strict';
import { test } from 'node:test';

import stringWidth from 'string-width';

import { age, size } from './humanize.js';
import { manyLines, oneLine, printedJson } from './plainText.js';
import { type Line, textOf } from './screen.js';
import { table } from './table.js';

const printed = (lines: readonly Line[]) =>
  lines.map(line =>
    (Array.isArray(line) ? line : [line]).map(textOf).join('').trimEnd()
  );

test('columns are aligned by what the terminal shows, not by the number of characters', () => {
  const lines = printed(
    table([
      ['データベース', 'a'],
      ['e\u0301te\u0301', 'b'],
      ['👩‍💻', 'c'],
      ['plain', 'd']
    ])
  );
  const columns = lines.map(line => stringWidth(line.slice(0, -1)));
  assert.deepEqual(columns, [14, 14, 14, 14]);
});

test('a table that does not fit is cut, never in the columns that must be whole', () => {
  const fingerprint = `SHA256:${'x'.repeat(43)}`;
  const lines = printed(
    table(
      [
        ['SERVER', 'KEY'],
        ['a-very-long-name.of-a-bastion.example.org:2222', fingerprint]
      ],
      { width: 72, header: true, whole: [1] }
    )
  );
  assert.ok(lines.every(line => stringWidth(line) <= 72));
  assert.match(lines[1] ?? '', /^a-very-long-na.*… {2}SHA256:x{43}$/);
});

test('a terminal that is too narrow for a table gets each row as lines, with nothing left out', () => {
  const lines = printed(
    table(
      [
        ['NAME', 'KEY'],
        ['one', 'x'.repeat(50)],
        ['two', 'y'.repeat(50)]
      ],
      { width: 30, header: true, whole: [1] }
    )
  );
  assert.deepEqual(lines, [
    'NAME: one',
    `KEY: ${'x'.repeat(50)}`,
    '',
    'NAME: two',
    `KEY: ${'y'.repeat(50)}`
  ]);
});

test('a wide character is never cut in half', () => {
  const [line = ''] = printed(table([['データベース', 'x']], { width: 11 }));
  assert.equal(line, 'データ…   x');
});

test('a table of nothing is nothing', () => {
  assert.deepEqual(table([]), []);
});

test('escape sequences of others are shown, not obeyed', () => {
  assert.equal(
    oneLine('a\u001b[31mb\u009b2J\u0007'),
    'a\\x1b[31mb\\x9b2J\\x07'
  );
  assert.equal(oneLine('abc\u202edcb'), 'abc\\u202edcb');
  assert.equal(oneLine('two\nlines\r'), 'two\\x0alines\\x0d');
  assert.equal(
    manyLines('two\nlines\tand\u001bmore'),
    'two\nlines    and\\x1bmore'
  );
  assert.equal(oneLine('Zürich データ 👩‍💻'), 'Zürich データ 👩‍💻');
});

test('JSON for a terminal is harmless, too, and still the same value', () => {
  const value = { name: 'a\u009b31m\u202e\u007f\u001b' };
  const text = printedJson(value);
  assert.deepEqual(JSON.parse(text), value);
  assert.match(text, /^[\x20-\x7e]*$/);
});

test('sizes and ages are for people', () => {
  assert.deepEqual(
    [0, 1, 1023, 1024, 1536, 10_240, 5 * 1024 ** 3, 1024 ** 5].map(size),
    [
      '0 B',
      '1 B',
      '1023 B',
      '1.0 KiB',
      '1.5 KiB',
      '10 KiB',
      '5.0 GiB',
      '1024 TiB'
    ]
  );
  const now = Date.parse('2026-01-31T12:00:00Z');
  const ago = (seconds: number) =>
    age(new Date(now - seconds * 1000).toISOString(), now);
  assert.deepEqual(
    [-5, 0, 59, 60, 61, 3599, 3600, 12_000, 90_000, 86_400 * 3].map(ago),
    [
      '0 s',
      '0 s',
      '59 s',
      '1 min',
      '1 min 1 s',
      '59 min 59 s',
      '1 h',
      '3 h 20 min',
      '1 d 1 h',
      '3 d'
    ]
  );
});
