import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { limits, usage } from './usage.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'underpass-notebooks-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const never = new AbortController().signal;
const find = (names = ['My DB'], costs = limits) =>
  usage(folder, names, never, costs);

function write(path: string, content: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function notebook(path: string, ...sources: (string | string[])[]): void {
  const cells = sources.map(source => ({
    cell_type: 'code',
    source,
    metadata: {},
    outputs: []
  }));
  write(path, JSON.stringify({ cells, nbformat: 4, nbformat_minor: 5 }));
}

for (const [how, source] of Object.entries({
  'in the first line of an SQL cell': '%%sql "My DB" -o df\nSELECT 1',
  'without regard to case': "%%sql 'my db'\nSELECT 1",
  'behind options': '%%underpass --limit 5 "My DB"\nSELECT 1',
  'below an empty line': '\n%%sql "My DB"\nSELECT 1',
  'in lines that are kept apart': ['%%sql "My DB"\n', 'SELECT 1'],
  'in Python': 'connection = underpass.connect("My DB")',
  'as an engine': "engine = underpass.engine('my db')",
  'as an argument': 'underpass.sql("SELECT 1", integration="My DB")',
  'by a variable': 'port = os.environ["MY_DB_LOCAL_PORT"]',
  'by its former name': '%%sql Old\nSELECT 1'
})) {
  test(`a notebook that names an integration ${how} uses it`, async () => {
    notebook('a.ipynb', 'print("other")', source);
    assert.deepEqual(await find(['My DB', 'Old']), {
      notebooks: ['a.ipynb'],
      complete: true
    });
  });
}

for (const [how, source] of Object.entries({
  'in the SQL': '%%sql Other\nSELECT "My DB"',
  'as a variable': "%%sql Other -o 'My DB'\nSELECT 1",
  'in a comment': '# My DB is slow',
  'as a part of another name': '%%sql "My DB 2"\nSELECT 1',
  'as a part of another variable': 'os.environ["OTHER_MY_DB_LOCAL_PORT"]'
})) {
  test(`a notebook that has the name ${how} does not use it`, async () => {
    notebook('a.ipynb', source);
    assert.deepEqual(await find(), { notebooks: [], complete: true });
  });
}

test('notebooks are found in folders, sorted, not in copies and packages', async () => {
  for (const path of [
    'z.ipynb',
    'reports/b.ipynb',
    'reports/deep/er/a.ipynb',
    '.ipynb_checkpoints/z-checkpoint.ipynb',
    'node_modules/x/a.ipynb',
    'venv/lib/site-packages/x/a.ipynb'
  ]) {
    notebook(path, '%%sql "My DB"\nSELECT 1');
  }
  write('text.ipynb.txt', '%%sql "My DB"');
  assert.deepEqual(await find(), {
    notebooks: ['reports/b.ipynb', 'reports/deep/er/a.ipynb', 'z.ipynb'],
    complete: true
  });
});

test('links are not followed, round in a circle or elsewhere', async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'underpass-elsewhere-'));
  notebook('real.ipynb', '%%sql "My DB"\nSELECT 1');
  writeFileSync(join(elsewhere, 'other.ipynb'), '%%sql "My DB"');
  symlinkSync(folder, join(folder, 'circle'));
  symlinkSync(elsewhere, join(folder, 'elsewhere'));
  symlinkSync('nowhere', join(folder, 'broken.ipynb'));
  symlinkSync('self.ipynb', join(folder, 'self.ipynb'));
  assert.deepEqual(await find(), { notebooks: ['real.ipynb'], complete: true });
  rmSync(elsewhere, { recursive: true });
});

test('a pipe that is called like a notebook does not stop the search', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe.ipynb')]);
  mkdirSync(join(folder, 'folder.ipynb'));
  notebook('a.ipynb', '%%sql "My DB"\nSELECT 1');
  assert.deepEqual(await find(), { notebooks: ['a.ipynb'], complete: true });
});

for (const [what, content] of Object.entries({
  'no JSON': '{"cells": [',
  'nested without end': '['.repeat(2_000_000),
  empty: ''
})) {
  test(`a notebook that is ${what} is said not to have been looked at, and the others are`, async () => {
    write('a.ipynb', content);
    notebook('b.ipynb', '%%sql "My DB"\nSELECT 1');
    assert.deepEqual(await find(), { notebooks: ['b.ipynb'], complete: false });
  });
}

for (const [what, content] of Object.entries({
  'a number': 7,
  'without cells': { cells: null },
  'with cells that are none': {
    cells: [null, 1, 'a', [], { cell_type: 'code', source: { a: 1 } }]
  },
  'with lines that are none': {
    cells: [{ cell_type: 'code', source: [null, { toString: 1 }] }]
  },
  'with members of prototypes': { cells: [{ ['__proto__']: 1 }] }
})) {
  test(`a notebook that is ${what} uses nothing`, async () => {
    write('a.ipynb', JSON.stringify(content));
    assert.deepEqual(await find(), { notebooks: [], complete: true });
  });
}

test('notes of a person are no use', async () => {
  const note = { cell_type: 'markdown', source: '%%sql "My DB"\nSELECT 1' };
  write('a.ipynb', JSON.stringify({ cells: [note] }));
  assert.deepEqual(await find(), { notebooks: [], complete: true });
});

test('a project that is gone makes the answer incomplete', async () => {
  const gone = await usage(join(folder, 'gone'), ['My DB'], never);
  assert.deepEqual(gone, { notebooks: [], complete: false });
});

test('a notebook that is too large, and more files than can be looked at, make the answer incomplete', async () => {
  notebook('a.ipynb', '%%sql "My DB"\nSELECT 1');
  notebook('large.ipynb', '%%sql "My DB"\n'.padEnd(5000));
  assert.deepEqual(await find(['My DB'], { ...limits, bytes: 1000 }), {
    notebooks: ['a.ipynb'],
    complete: false
  });
  const few = await find(['My DB'], { ...limits, entries: 1 });
  assert.equal(few.complete, false);
});

test('the answer comes in time, with what was found', async () => {
  for (let number = 0; number < 200; number++) {
    notebook(`${number}.ipynb`, '%%sql "My DB"\nSELECT 1');
  }
  const found = await find(['My DB'], { ...limits, milliseconds: 1 });
  assert.equal(found.complete, false);
  assert.ok(found.notebooks.length < 200);
});

test('first lines that are made to be slow are not', async () => {
  notebook(
    'slow.ipynb',
    ...Array.from({ length: 200 }, () => `%%sql ${'"\\"'.repeat(5000)}`),
    'connect("'.repeat(100_000),
    `integration${' '.repeat(1_000_000)}`
  );
  // A search that goes back and forth in them takes minutes.
  const patient = { ...limits, milliseconds: 30_000 };
  assert.deepEqual(await find(['My DB'], patient), {
    notebooks: [],
    complete: true
  });
});
