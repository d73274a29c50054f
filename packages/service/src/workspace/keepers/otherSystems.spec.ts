/**
 * The keyrings of macOS and Windows, against programs that stand in for the systems' own: real child processes that
 * read standard input and end with the exit codes that the real ones are documented to have.
 */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { asFailure } from '../../serviceError.js';
import { Dpapi } from './dpapi.js';
import { Keychain } from './keychain.js';
import type { Keyring } from './keyring.js';
import { newMasterKey } from './masterKeys.js';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'underpass-stand-ins-'));
});
after(() => rmSync(folder, { recursive: true }));

const failure = (code: string) => (error: unknown) => {
  assert.equal(asFailure(error).code, code, asFailure(error).message);
  return true;
};

/** A program in JavaScript; it finds its folder in `folder` and its arguments in `args`, and notes them. */
function program(name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    `#!${process.execPath}
const fs = require('fs');
const folder = ${JSON.stringify(folder)};
const args = process.argv.slice(2);
fs.appendFileSync(folder + '/argv', args.join(' ') + '\\n');
${body}`,
    { mode: 0o700 }
  );
  return path;
}

async function keepsOneKey(keyring: Keyring): Promise<void> {
  assert.equal(await keyring.obstacle(), undefined);
  assert.equal(await keyring.read(), undefined);
  const keys = [newMasterKey(), newMasterKey()] as const;
  await keyring.write(keys);
  assert.deepEqual(await keyring.read(), keys);
  await keyring.write([keys[1]]);
  assert.deepEqual(await keyring.read(), [keys[1]]);
  const seen = readFileSync(join(folder, 'argv'), 'utf8');
  for (const key of keys) {
    assert.ok(!seen.includes(key.toString('base64')));
    assert.ok(
      !seen.includes(Buffer.from(key.toString('base64')).toString('hex'))
    );
  }
  await keyring.remove();
  await keyring.remove();
  assert.equal(await keyring.read(), undefined);
}

test('macOS: the key goes to `security` by standard input alone, and comes back', async () => {
  const security = program(
    'security',
    `
const file = folder + '/keychain.json';
const items = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file)) : {};
const words = args[0] === '-i' ? fs.readFileSync(0, 'utf8').trim().split(' ') : args;
const option = name => words[words.indexOf(name) + 1];
const name = option('-s') + '/' + option('-a');
switch (words[0]) {
  case 'add-generic-password':
    if (items[name] && !words.includes('-U')) process.exit(45);
    items[name] = option('-w');
    break;
  case 'find-generic-password':
    if (!items[name]) process.exit(44);
    console.log(items[name]);
    break;
  case 'delete-generic-password':
    if (!items[name]) process.exit(44);
    delete items[name];
}
fs.writeFileSync(file, JSON.stringify(items));`
  );
  await keepsOneKey(new Keychain('0123abcd', [security]));
});

test('macOS: a keychain that may not ask, or was not unlocked, is locked; another refusal is told with its words', async () => {
  for (const [exitCode, code] of [
    [36, 'keyring-locked'],
    [128, 'keyring-locked'],
    [51, 'keyring-refused']
  ] as const) {
    const security = program(
      `security-${exitCode}`,
      `console.error('SecKeychain: some words'); process.exit(${exitCode});`
    );
    const keychain = new Keychain('0123abcd', [security]);
    await assert.rejects(keychain.read(), failure(code));
    await assert.rejects(keychain.write([newMasterKey()]), failure(code));
  }
});

test('Windows: the key goes to PowerShell by standard input alone; what it encrypted lies beside the vault', async () => {
  const powershell = program(
    'powershell',
    `
const turned = bytes => Buffer.from(bytes).map(byte => byte ^ 0x5a);
const script = args[args.indexOf('-Command') + 1];
if (!/^\\$ErrorActionPreference = 'Stop'; /.test(script)) process.exit(1);
const given = Buffer.from(fs.readFileSync(0, 'utf8').trim(), 'base64');
if (/::(Protect|Unprotect)\\(/.test(script)) console.log(turned(given).toString('base64') + '\\r');`
  );
  const blob = join(folder, 'master.key.dpapi');
  const dpapi = new Dpapi(blob, [powershell]);
  const key = newMasterKey();
  await dpapi.write([key]);
  assert.equal(statSync(blob).mode & 0o777, 0o600);
  assert.ok(!readFileSync(blob, 'utf8').includes(key.toString('base64')));
  await dpapi.remove();
  assert.equal(existsSync(blob), false);
  await keepsOneKey(dpapi);
});

test('Windows: a refusal of PowerShell is told with its words', async () => {
  const powershell = program(
    'powershell-refusing',
    `console.error('Key not valid for use in specified state.'); process.exit(1);`
  );
  const dpapi = new Dpapi(join(folder, 'other.dpapi'), [powershell]);
  await assert.rejects(
    dpapi.write([newMasterKey()]),
    failure('keyring-refused')
  );
});

test('where the tool of the system is missing, that is the reason', async () => {
  for (const keyring of [
    new Keychain('0123abcd', [join(folder, 'nothing')]),
    new Dpapi(join(folder, 'x'), [join(folder, 'nothing')])
  ]) {
    assert.match((await keyring.obstacle()) ?? '', /is missing/);
    await assert.rejects(
      keyring.write([newMasterKey()]),
      failure('keyring-unavailable')
    );
  }
});
