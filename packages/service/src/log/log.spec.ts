import assert from 'node:assert/strict';
import {
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { Log } from './log.js';

const folder = mkdtempSync(join(tmpdir(), 'underpass-log-'));
after(() => rmSync(folder, { recursive: true }));

const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>);

test('a log stays below its cap for ever, with one predecessor, and loses no line in between', () => {
  const path = join(folder, 'capped.log');
  const log = new Log(path);
  for (let number = 0; number < 12_000; number++) {
    log.info('forward-bound', { number, integration: 'x'.repeat(150) });
  }
  assert.ok(statSync(path).size <= 1024 * 1024);
  assert.ok(statSync(`${path}.1`).size <= 1024 * 1024);
  const numbers = [...linesOf(`${path}.1`), ...linesOf(path)].map(
    ({ number }) => Number(number)
  );
  assert.equal(numbers.at(-1), 11_999);
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => (numbers[0] ?? 0) + index)
  );
});

test('a log that was deleted is there again, for the user alone', () => {
  const path = join(folder, 'deleted.log');
  const log = new Log(path);
  log.info('first');
  rmSync(path);
  log.info('second');
  assert.deepEqual(
    linesOf(path).map(({ event }) => event),
    ['second']
  );
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('a log that can not be written is no problem, and one that is a link is not followed', () => {
  new Log(join(folder, 'no', 'such', 'folder.log')).info('unheard');
  new Log('/dev/full').info('unheard');
  const target = join(folder, 'target');
  writeFileSync(target, '');
  symlinkSync(target, join(folder, 'link.log'));
  new Log(join(folder, 'link.log')).info('not there');
  assert.equal(readFileSync(target, 'utf8'), '');
});

test('an unforeseen error has its stack in the log, and not the text that could not be read', () => {
  const path = join(folder, 'errors.log');
  const log = new Log(path);
  const secret = 'hunter2-hunter2';
  try {
    JSON.parse(`"${secret}`);
  } catch (error) {
    assert.ok(String(error).length > 0);
    log.error('unforeseen', error);
  }
  try {
    JSON.parse(secret);
  } catch (error) {
    log.error('unforeseen', error);
  }
  log.error('unforeseen', new TypeError('x is not a function'));
  log.error('unforeseen', { password: secret });
  const text = readFileSync(path, 'utf8');
  assert.ok(!text.includes('hunter2'));
  const [first, , third] = linesOf(path);
  assert.ok(Array.isArray(first?.stack) && first.stack.length > 0);
  assert.equal(third?.message, 'x is not a function');
});
