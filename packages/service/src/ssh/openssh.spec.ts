import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash, createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';

import ssh2 from 'ssh2';

import {
  fingerprintOf,
  generateEd25519,
  type OpenSshKeyPair,
  toOpenSsh
} from './openssh.js';

const many = 10_000;

test('ten thousand generated keys are all read by ssh-keygen and by ssh2, and sign for their public half', async t => {
  const pairs = Array.from({ length: many }, (_, index) =>
    generateEd25519(`key-${index}`)
  );
  // One byte of zero in 256 keys, both in front of the public half and of the private one.
  assert.ok(pairs.filter(beginsWithZero).length > 0);
  for (const pair of pairs) {
    signs(pair);
  }
  assert.deepEqual(
    (await readBySshKeygen(t, pairs)).sort(),
    pairs.map(({ publicKey }) => publicKey).sort()
  );
});

test('keys with two bytes of zero in front of one of their halves are read, too', async t => {
  // Found by trying: one in 65,536 has them.
  const pairs = [195_839, 375_625, 107_553].map(number =>
    fromSeed(createHash('sha256').update(`underpass ${number}`).digest())
  );
  assert.deepEqual(
    pairs.map(pair => publicBytes(pair).readUInt16BE() === 0),
    [true, true, false]
  );
  pairs.forEach(signs);
  assert.deepEqual(
    (await readBySshKeygen(t, pairs)).sort(),
    pairs.map(({ publicKey }) => publicKey).sort()
  );
});

test('ssh-keygen prints the fingerprint that we show', t => {
  const file = join(newFolder(t), 'key');
  const pair = generateEd25519('me@here');
  writeFileSync(file, pair.privateKey, { mode: 0o600 });
  const line = execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' });
  const blob = Buffer.from(pair.publicKey.split(' ')[1] ?? '', 'base64');
  assert.equal(line.split(' ')[1], pair.fingerprint);
  assert.equal(fingerprintOf(blob), pair.fingerprint);
});

function signs(pair: OpenSshKeyPair): void {
  const privateKey = ssh2.utils.parseKey(pair.privateKey);
  const publicKey = ssh2.utils.parseKey(pair.publicKey);
  assert.ok(!(privateKey instanceof Error) && !(publicKey instanceof Error));
  const signature = privateKey.sign(Buffer.from('message'));
  assert.ok(!(signature instanceof Error));
  assert.equal(publicKey.verify(Buffer.from('message'), signature), true);
}

/**
 * Each private key read by a process of its own; shells start them faster than Node does.
 * @returns the public halves that it derives from the private ones
 */
async function readBySshKeygen(
  t: TestContext,
  pairs: readonly OpenSshKeyPair[]
): Promise<string[]> {
  const folder = newFolder(t);
  pairs.forEach(({ privateKey }, index) =>
    writeFileSync(join(folder, String(index)), privateKey, { mode: 0o600 })
  );
  const shells = availableParallelism();
  const outputs = await Promise.all(
    Array.from({ length: shells }, (_, shell) => {
      const loop = `i=${shell}; while [ $i -lt ${pairs.length} ]; do ssh-keygen -y -P '' -f $i || exit 1; i=$((i + ${shells})); done`;
      const child = spawn('sh', ['-c', loop], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'inherit']
      });
      return text(child.stdout);
    })
  );
  return outputs.flatMap(output => output.split('\n').filter(Boolean));
}

function fromSeed(seed: Buffer): OpenSshKeyPair {
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
  const key = createPrivateKey({
    key: Buffer.concat([prefix, seed]),
    format: 'der',
    type: 'pkcs8'
  });
  const pair = toOpenSsh(key, 'rare');
  assert.ok(pair);
  return pair;
}

function publicBytes({ publicKey }: OpenSshKeyPair): Buffer {
  return Buffer.from(publicKey.split(' ')[1] ?? '', 'base64').subarray(-32);
}

function beginsWithZero(pair: OpenSshKeyPair): boolean {
  return publicBytes(pair)[0] === 0;
}

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'underpass-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}
