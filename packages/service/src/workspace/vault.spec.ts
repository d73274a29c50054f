import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { asFailure } from '../serviceError.js';
import { Vault } from './vault.js';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'underpass-vault-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const path = (name: string) => join(home, name);
const failure = (code: string) => (error: unknown) => {
  assert.equal(asFailure(error).code, code, asFailure(error).message);
  return true;
};

/** What `vault.json` says, and a way to say something else: as somebody would who knows the format. */
function edit(change: (entries: { [name: string]: unknown }) => void): void {
  const file = JSON.parse(readFileSync(path('vault.json'), 'utf8')) as {
    entries: { [name: string]: unknown };
    checksum?: string;
  };
  delete file.checksum;
  change(file.entries);
  writeFileSync(path('vault.json'), JSON.stringify(file));
  rmSync(path('vault.json.last-good'), { force: true });
}

test('a secret comes back as it was, whatever is in it', () => {
  const vault = new Vault(home);
  for (const value of ['', 'a', '🐘\n\0"\\', 'x'.repeat(100_000)]) {
    vault.update({ entry: value });
    assert.equal(new Vault(home).get('entry'), value);
  }
  vault.update({ entry: undefined });
  assert.equal(vault.get('entry'), undefined);
  assert.equal(vault.get('__proto__'), undefined);
});

test('an entry that was exchanged, renamed, shortened or changed by one bit is not accepted', () => {
  new Vault(home).update({ one: 'first', two: 'second' });
  const flipped = (base64: string) => {
    const bytes = Buffer.from(base64, 'base64');
    bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
    return bytes.toString('base64');
  };
  const original = readFileSync(path('vault.json'));
  type Entry = { nonce: string; tag: string; data: string };
  for (const change of [
    entries => ([entries.one, entries.two] = [entries.two, entries.one]),
    entries => (entries.one = { ...(entries.two as Entry) }),
    entries => {
      const one = entries.one as Entry;
      entries.one = { ...one, data: flipped(one.data) };
    },
    entries => {
      const one = entries.one as Entry;
      entries.one = { ...one, tag: flipped(one.tag) };
    },
    entries => {
      const one = entries.one as Entry;
      entries.one = { ...one, nonce: flipped(one.nonce) };
    },
    entries => {
      // A tag of four bytes could be guessed.
      const one = entries.one as Entry;
      const tag = Buffer.from(one.tag, 'base64').subarray(0, 4);
      entries.one = { ...one, tag: tag.toString('base64') };
    }
  ] as ((entries: { [name: string]: unknown }) => void)[]) {
    edit(change);
    const vault = new Vault(home);
    assert.throws(() => vault.get('one'), failure('secret-unreadable'));
    assert.deepEqual(vault.unreadable(['one']), ['one']);
    writeFileSync(path('vault.json'), original);
  }
});

test('after the master key was lost a secret that is entered anew can be read, and others are left alone', () => {
  new Vault(home).update({ one: 'first', two: 'second' });
  renameSync(path('master.key'), path('backup'));
  const vault = new Vault(home);
  assert.throws(() => vault.get('one'), failure('secret-unreadable'));
  assert.deepEqual(vault.unreadable(vault.names()), ['one', 'two']);
  vault.update({ one: 'first again' });
  assert.equal(vault.get('one'), 'first again');
  assert.deepEqual(vault.unreadable(vault.names()), ['two']);
  // Both keys, one a line: what a person does who finds the backup.
  writeFileSync(
    path('master.key'),
    readFileSync(path('master.key'), 'utf8') +
      readFileSync(path('backup'), 'utf8')
  );
  assert.equal(vault.get('two'), 'second');
  assert.equal(vault.get('one'), 'first again');
});

test('a master key file without a key is kept aside before a new one is made', async () => {
  new Vault(home).update({ one: 'first' });
  writeFileSync(path('master.key'), 'half a k', { mode: 0o600 });
  const vault = new Vault(home);
  vault.update({ two: 'second' });
  assert.equal(vault.get('two'), 'second');
  const [remark] = (await vault.status()).remarks;
  const [aside] = /\S+\.damaged-\d+/.exec(remark ?? '') ?? [];
  assert.equal(readFileSync(aside ?? '', 'utf8'), 'half a k');
});

test('a master key that others could read is closed to them again, and that is reported', async () => {
  const vault = new Vault(home);
  vault.update({ one: 'first' });
  assert.equal(statSync(path('master.key')).mode & 0o777, 0o600);
  chmodSync(path('master.key'), 0o644);
  assert.equal(vault.get('one'), 'first');
  assert.equal(statSync(path('master.key')).mode & 0o777, 0o600);
  const { remarks } = await vault.status();
  assert.equal(remarks.length, 1);
  assert.match(remarks[0] ?? '', /mode 0644.*0600 again/);
});

test('a master key of another user is refused and not changed', () => {
  const vault = new Vault(home);
  vault.update({ one: 'first' });
  if (process.getuid?.() === 0) {
    chownSync(path('master.key'), 65534, 65534);
    chmodSync(path('master.key'), 0o644);
  } else {
    // Only root can give a file away; but there are files of root's.
    rmSync(path('master.key'));
    symlinkSync('/etc/hostname', path('master.key'));
  }
  assert.throws(() => vault.get('one'), failure('master-key-refused'));
  assert.throws(
    () => vault.update({ two: 'second' }),
    failure('master-key-refused')
  );
  assert.equal(statSync(path('master.key')).mode & 0o777, 0o644);
});

test('a lock that a process left behind when it died is broken', () => {
  writeFileSync(path('vault.lock'), 'elsewhere 1\n');
  assert.equal(
    new Vault(home).getOrMake('key', () => 'made'),
    'made'
  );
  assert.equal(existsSync(path('vault.lock')), false);
});
