import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import ssh2 from 'ssh2';

import { fingerprintOf, generateEd25519 } from './openssh.js';

test('five thousand generated keys are all read by ssh2 and sign for their public half', () => {
  for (let made = 0; made < 5000; made++) {
    const pair = generateEd25519('comment');
    const privateKey = ssh2.utils.parseKey(pair.privateKey);
    const publicKey = ssh2.utils.parseKey(pair.publicKey);
    assert.ok(!(privateKey instanceof Error) && !(publicKey instanceof Error));
    const signature = privateKey.sign(Buffer.from('message'));
    assert.ok(!(signature instanceof Error));
    assert.equal(publicKey.verify(Buffer.from('message'), signature), true);
  }
});

test('ssh-keygen reads a generated key and prints the same public half and fingerprint', t => {
  const folder = mkdtempSync(join(tmpdir(), 'underpass-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const pair = generateEd25519('me@here');
  const file = join(folder, 'key');
  writeFileSync(file, pair.privateKey, { mode: 0o600 });
  const keygen = (...args: string[]) =>
    execFileSync('ssh-keygen', args, { encoding: 'utf8' }).trim();
  assert.equal(keygen('-y', '-f', file), pair.publicKey);
  const blob = Buffer.from(pair.publicKey.split(' ')[1] ?? '', 'base64');
  assert.equal(keygen('-lf', file).split(' ')[1], fingerprintOf(blob));
});
