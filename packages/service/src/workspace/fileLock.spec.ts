import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { withLock } from './fileLock.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'underpass-lock-'));
  path = join(folder, 'vault.lock');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Fails where another one is inside at the same time. */
const working = () => `
  const { rmSync, writeFileSync } = await import('node:fs');
  const { withLock } = await import(${JSON.stringify(new URL('fileLock.ts', import.meta.url).href)});
  process.stdout.write('ready');
  await new Promise(resolve => process.stdin.once('data', resolve));
  withLock(${JSON.stringify(path)}, () => {
    const inside = ${JSON.stringify(join(folder, 'inside'))};
    writeFileSync(inside, '', { flag: 'wx' });
    const end = performance.now() + 100;
    while (performance.now() < end);
    rmSync(inside);
  });
  process.exit(0);
`;

test('of many that wait for a holder that died on another host one goes on after the other', async () => {
  writeFileSync(path, 'elsewhere 1\n');
  const children = Array.from({ length: 4 }, () =>
    spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', working()],
      { stdio: ['pipe', 'pipe', 'inherit'] }
    )
  );
  await Promise.all(children.map(({ stdout }) => once(stdout, 'data')));
  const ends = children.map(child => once(child, 'exit'));
  children.forEach(({ stdin }) => stdin.write('go'));
  const codes = (await Promise.all(ends)).map(([code]) => code as number);
  assert.deepEqual(codes, [0, 0, 0, 0]);
  assert.deepEqual(readdirSync(folder), []);
});

test('a holder that was taken for dead leaves the lock of the next one alone', () => {
  withLock(path, () => writeFileSync(path, 'elsewhere 1\n'));
  assert.equal(readFileSync(path, 'utf8'), 'elsewhere 1\n');
});

test('a lock that can not be written is refused with the reason, and nothing is done', () => {
  let isDone = false;
  assert.throws(
    () => withLock(join(folder, 'gone', 'vault.lock'), () => (isDone = true)),
    (error: unknown) =>
      error instanceof ServiceError &&
      error.failure.code === 'storage-failed' &&
      /its folder is gone/.test(error.message)
  );
  assert.equal(isDone, false);
});
