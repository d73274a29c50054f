import assert from 'node:assert/strict';
import { test } from 'node:test';

import { program } from '../program.js';
import { type Candidate, complete, type Typed } from './candidates.js';
import type { Values } from './values.js';

/** Values that say what they were asked for. */
const values = {
  ofArgument: async (name: string, { positionals }: Typed) => [
    { value: `${name}-${positionals.length}` }
  ],
  ofOption: async (flag: string) => [{ value: `of${flag}` }]
} as unknown as Values;

async function candidates(...words: string[]): Promise<string[] | string> {
  const completion = await complete(program(), words, values);
  return completion.kind === 'words'
    ? completion.candidates.map(({ value }: Candidate) => value)
    : completion.kind;
}

test('commands are completed at every level, hidden ones are not', async () => {
  const top = await candidates('');
  assert.ok(top.includes('integration') && top.includes('doctor'));
  assert.ok(!top.includes('serve') && !top.includes('__complete'));
  assert.deepEqual(await candidates('integration', 'du'), ['duplicate']);
  assert.deepEqual(await candidates('--json', 'integration', 'du'), [
    'duplicate'
  ]);
});

test('options are completed once, and those that may be repeated again', async () => {
  assert.deepEqual(await candidates('status', '--wa'), ['--watch']);
  assert.deepEqual(await candidates('status', '--watch', '--wa'), []);
  assert.deepEqual(
    await candidates('integration', 'add', '--set', 'a=b', '--se'),
    ['--set', '--secret']
  );
});

test('what follows an option is its value', async () => {
  assert.deepEqual(await candidates('integration', 'add', '--type', ''), [
    'of--type'
  ]);
  assert.deepEqual(await candidates('logs', '--level', 'w'), ['warning']);
  assert.deepEqual(await candidates('logs', '--level=w'), ['--level=warning']);
  assert.equal(await candidates('--project', ''), 'directories');
  assert.equal(await candidates('integration', 'add', '--from', ''), 'files');
});

test('arguments are counted without options and their values', async () => {
  assert.deepEqual(
    await candidates('forward', '--project', '/tmp', 'My DB', ''),
    ['names-1']
  );
  assert.deepEqual(await candidates('integration', 'show', 'My DB', ''), []);
});

test('behind the dashes stands a command of the system', async () => {
  assert.equal(await candidates('run', 'My DB', '--', 'ls', '-'), 'command');
});
