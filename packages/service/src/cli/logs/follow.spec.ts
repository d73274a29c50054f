import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { follow, readLines } from './follow.js';

test('a file that is renamed before it is followed is read to its end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'underpass-follow-'));
  const log = join(folder, 'service.log');
  const stop = new AbortController();
  try {
    writeFileSync(log, 'one\n');
    const { lines, end } = readLines(log);
    assert.deepEqual(lines, ['one']);
    appendFileSync(log, 'two\n');
    renameSync(log, `${log}.1`);
    const following = follow(log, end, stop.signal);
    const next = following.next();
    writeFileSync(log, 'three\n');
    assert.equal((await next).value, 'two');
    assert.equal((await following.next()).value, 'three');
    await following.return();
  } finally {
    stop.abort();
    rmSync(folder, { recursive: true });
  }
});
