import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { asFailure } from '../serviceError.js';
import { TestWorkspace } from '../testing/workspace.js';

let workspace: TestWorkspace;
let folder: string;

beforeEach(() => {
  workspace = new TestWorkspace();
  folder = mkdtempSync(join(tmpdir(), 'underpass-key-'));
});
afterEach(() => {
  delete process.env.UNDERPASS_PRIVATE_KEY_FILE;
  workspace.remove();
  rmSync(folder, { recursive: true });
});

const show = () => workspace.request('underpass/key/show', {});
const failure = (code: string, reason?: string) => (error: unknown) => {
  const { code: found, detail, message } = asFailure(error);
  assert.equal(found, code, message);
  assert.equal(detail?.reason, reason);
  return true;
};

function newKey(name: string, passphrase = ''): string {
  const path = join(folder, name);
  execFileSync('ssh-keygen', [
    ...['-q', '-t', 'ed25519', '-N', passphrase, '-f', path]
  ]);
  return path;
}

test('a key file that others can read, is missing or is no private key is refused with the fix', async () => {
  const path = newKey('key');
  process.env.UNDERPASS_PRIVATE_KEY_FILE = path;
  chmodSync(path, 0o640);
  await assert.rejects(show(), error => {
    const { code, fix, detail } = asFailure(error);
    assert.deepEqual(
      [code, fix, detail],
      ['key-file-exposed', `Run: chmod 600 ${path}`, { path }]
    );
    return true;
  });
  chmodSync(path, 0o600);
  assert.equal((await show()).source, 'file');

  process.env.UNDERPASS_PRIVATE_KEY_FILE = join(folder, 'missing');
  await assert.rejects(show(), failure('key-invalid', 'unreadable'));
  process.env.UNDERPASS_PRIVATE_KEY_FILE = folder;
  chmodSync(folder, 0o700);
  await assert.rejects(show(), failure('key-invalid', 'unreadable'));
  const publicPath = `${path}.pub`;
  chmodSync(publicPath, 0o600);
  process.env.UNDERPASS_PRIVATE_KEY_FILE = publicPath;
  await assert.rejects(show(), failure('key-invalid', 'public-key'));
  process.env.UNDERPASS_PRIVATE_KEY_FILE = newKey('locked', 'open sesame');
  await assert.rejects(show(), failure('key-passphrase', 'needed'));
  const utf16 = join(folder, 'utf16');
  writeFileSync(
    utf16,
    Buffer.from(`\uFEFF${readFileSync(path, 'utf8')}`, 'utf16le'),
    { mode: 0o600 }
  );
  process.env.UNDERPASS_PRIVATE_KEY_FILE = utf16;
  assert.equal((await show()).source, 'file');
});
