import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { asFailure } from '../../serviceError.js';
import { DesktopSession } from '../../testing/desktopSession.js';
import { Vault } from '../vault.js';
import { newMasterKey } from './masterKeys.js';
import { SecretService } from './secretService.js';

let desktop: DesktopSession;
before(async () => {
  desktop = await DesktopSession.start();
});
after(() => desktop.close());

const failure = (code: string) => (error: unknown) => {
  assert.equal(asFailure(error).code, code, asFailure(error).message);
  return true;
};

test('a key that was put into the keyring comes back, and is gone when removed', async () => {
  const keyring = new SecretService('/home/me/underpass');
  assert.equal(await keyring.obstacle(), undefined);
  assert.equal(await keyring.read(), undefined);
  const keys = [newMasterKey(), newMasterKey()] as const;
  await keyring.write(keys);
  assert.deepEqual(await keyring.read(), keys);
  await keyring.write([keys[1]]);
  assert.deepEqual(await keyring.read(), [keys[1]]);
  await keyring.remove();
  assert.equal(await keyring.read(), undefined);
  await keyring.remove();
});

test('two workspaces have a key each', async () => {
  const [one, other] = ['/one', '/other'].map(home => new SecretService(home));
  assert.ok(one && other);
  const key = newMasterKey();
  await one.write([key]);
  assert.equal(await other.read(), undefined);
  await other.write([newMasterKey()]);
  assert.deepEqual(await one.read(), [key]);
  await other.remove();
  assert.deepEqual(await one.read(), [key]);
  await one.remove();
});

test('the key survives a restart of the keyring', async () => {
  const keyring = new SecretService('/restarted');
  const key = newMasterKey();
  await keyring.write([key]);
  await desktop.stopKeyring();
  await desktop.startKeyring();
  assert.deepEqual(await keyring.read(), [key]);
});

test('a locked keyring is told from one without the key, and from none', async () => {
  const keyring = new SecretService('/locked');
  await keyring.write([newMasterKey()]);
  desktop.lock();
  try {
    assert.equal(await keyring.obstacle(), undefined);
    await assert.rejects(keyring.read(), failure('keyring-locked'));
    await assert.rejects(
      keyring.write([newMasterKey()]),
      failure('keyring-refused')
    );
    await assert.rejects(keyring.remove(), failure('keyring-refused'));
    assert.equal(await new SecretService('/never').read(), undefined);
  } finally {
    await desktop.stopKeyring();
    await desktop.startKeyring();
  }
  assert.ok(await keyring.read());
});

test('a keyring that does not answer is given up after the deadline', async () => {
  const keyring = new SecretService('/slow', { person: 400, machine: 400 });
  await keyring.write([newMasterKey()]);
  desktop.freeze();
  try {
    for (const attempt of [
      keyring.read(),
      keyring.write([newMasterKey()]),
      keyring.remove()
    ]) {
      await assert.rejects(attempt, failure('keyring-timed-out'));
    }
    assert.match((await keyring.obstacle()) ?? '', /did not answer/);
  } finally {
    desktop.thaw();
  }
  assert.ok(await keyring.read());
});

test('without a keyring on the bus, or without a bus, the reason is said', async () => {
  const keyring = new SecretService('/absent');
  await desktop.stopKeyring();
  try {
    await assert.rejects(keyring.read(), failure('keyring-unavailable'));
    assert.match((await keyring.obstacle()) ?? '', /No keyring answers/);
  } finally {
    await desktop.startKeyring();
  }
  const address = process.env.DBUS_SESSION_BUS_ADDRESS;
  process.env.DBUS_SESSION_BUS_ADDRESS = 'unix:path=/nonexistent';
  try {
    await assert.rejects(keyring.read(), failure('keyring-unavailable'));
  } finally {
    process.env.DBUS_SESSION_BUS_ADDRESS = address;
  }
});

test('no process list ever shows the key', async () => {
  const keyring = new SecretService('/seen');
  const key = newMasterKey();
  // All command lines of this machine's processes, again and again.
  const watch = spawn(
    process.execPath,
    [
      '-e',
      `const fs = require('fs');
       const seen = new Set();
       process.stdin.on('end', () => {
         process.stdout.write([...seen].join('\\n'));
         process.exit();
       }).resume();
       const look = () => {
         for (const pid of fs.readdirSync('/proc').filter(Number)) {
           try { seen.add(fs.readFileSync('/proc/' + pid + '/cmdline', 'latin1')); } catch {}
         }
         setImmediate(look);
       };
       console.log('watching');
       look();`
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] }
  );
  let lines = '';
  watch.stdout.on('data', (text: Buffer) => (lines += text.toString('latin1')));
  await once(watch.stdout, 'data');
  for (let times = 0; times < 10; times++) {
    await keyring.write([key]);
    await keyring.read();
  }
  watch.stdin.end();
  await once(watch, 'close');
  assert.match(lines, /secret-tool\0store/);
  assert.ok(!lines.includes(key.toString('base64')));
  assert.ok(!lines.includes(key.toString('hex')));
});

test('the keyring itself is encrypted on disk', async () => {
  const key = newMasterKey();
  await new SecretService('/on-disk').write([key]);
  const folder = `${desktop.folder}/data/keyrings`;
  const files = readdirSync(folder);
  assert.ok(files.includes('login.keyring'));
  for (const file of files) {
    const content = readFileSync(`${folder}/${file}`, 'latin1');
    assert.ok(!content.includes(key.toString('base64')), file);
  }
});

test('a key that was only out of reach stays in the keyring when the vault goes on without it', async () => {
  const home = mkdtempSync(join(tmpdir(), 'underpass-vault-'));
  const keyring = new SecretService(home);
  try {
    const vault = new Vault(home);
    vault.update({ one: 'first' });
    await vault.keep('keyring');
    const keys = await keyring.read();
    const slow = new SecretService(home, { person: 60_000, machine: 1 });
    await new Vault(home, slow).keep('file', true);
    assert.deepEqual(new Vault(home).unreadable(['one']), ['one']);
    assert.deepEqual(await keyring.read(), keys);
  } finally {
    await keyring.remove();
    rmSync(home, { recursive: true });
  }
});
