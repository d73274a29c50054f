import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { after, afterEach, before, beforeEach, test } from 'node:test';

import { buildSync } from 'esbuild';

import { asFailure } from '../serviceError.js';
import { DesktopSession } from '../testing/desktopSession.js';
import type { Keyring } from './keepers/keyring.js';
import type { MasterKeys } from './keepers/masterKeys.js';
import { SecretService } from './keepers/secretService.js';
import { Vault } from './vault.js';

let desktop: DesktopSession;
let home: string;

before(async () => {
  desktop = await DesktopSession.start();
});
after(() => desktop.close());
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'underpass-vault-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const path = (name: string) => join(home, name);
const failure = (code: string) => (error: unknown) => {
  assert.equal(asFailure(error).code, code, asFailure(error).message);
  return true;
};

test('of many processes that make the same entry at once all get the same one', async () => {
  const children = Array.from({ length: 6 }, () =>
    spawn(process.execPath, [program(makingProgram), home], {
      stdio: ['pipe', 'pipe', 'pipe']
    })
  );
  await Promise.all(
    children.map(
      child => new Promise(ready => child.stderr.once('data', ready))
    )
  );
  children.forEach(child => child.stdin.end());
  const values = await Promise.all(children.map(child => text(child.stdout)));
  assert.match(values[0] ?? '', /^\d+$/);
  assert.deepEqual(new Set(values).size, 1, values.join(' '));
  assert.equal(new Vault(home).get('key'), values[0]);
});

test('the master key goes into the keyring and back, a fresh one each time, and the secrets stay', async () => {
  const vault = new Vault(home);
  vault.update({ one: 'first', two: 'second' });
  const fileKey = readFileSync(path('master.key'), 'utf8');
  await vault.keep('keyring');
  assert.equal(existsSync(path('master.key')), false);
  assert.equal(vault.get('one'), 'first');
  const status = await vault.status();
  assert.equal(status.keeper, 'keyring');
  assert.match(status.where, /keyring/);
  assert.deepEqual(status.keepers, [
    { keeper: 'file', available: true },
    { keeper: 'keyring', available: true }
  ]);

  const restarted = new Vault(home);
  await restarted.open();
  assert.equal(restarted.get('two'), 'second');
  restarted.update({ three: 'third' });

  await restarted.keep('file');
  assert.equal(await new SecretService(home).read(), undefined);
  assert.equal(statSync(path('master.key')).mode & 0o777, 0o600);
  assert.notEqual(readFileSync(path('master.key'), 'utf8'), fileKey);
  const back = new Vault(home);
  assert.deepEqual(
    ['one', 'two', 'three'].map(name => back.get(name)),
    ['first', 'second', 'third']
  );
});

for (const keeper of ['file', 'keyring'] as const) {
  test(`keeping the master key where it is (${keeper}) replaces it by a fresh one`, async () => {
    const vault = new Vault(home);
    vault.update({ one: 'first' });
    await vault.keep(keeper);
    const key = async () =>
      keeper === 'file'
        ? readFileSync(path('master.key'), 'utf8')
        : JSON.stringify(await new SecretService(home).read());
    const former = await key();
    const encrypted = readFileSync(path('vault.json'), 'utf8');
    await vault.keep(keeper);
    assert.notEqual(await key(), former);
    assert.notEqual(readFileSync(path('vault.json'), 'utf8'), encrypted);
    const restarted = new Vault(home);
    await restarted.open();
    assert.equal(restarted.get('one'), 'first');
  });
}

test('the keyring is read once in a run of the service, also by many at once', async () => {
  const vault = new Vault(home);
  vault.update({ one: 'first' });
  await vault.keep('keyring');
  let reads = 0;
  const counting = new Vault(
    home,
    counted(new SecretService(home), () => reads++)
  );
  await Promise.all(Array.from({ length: 20 }, () => counting.open()));
  await counting.open();
  assert.equal(counting.get('one'), 'first');
  assert.equal(reads, 1);
});

test('with the keyring locked names can be listed, and the reason is said when a secret is wanted', async () => {
  const vault = new Vault(home);
  vault.update({ one: 'first' });
  await vault.keep('keyring');
  desktop.lock();
  try {
    const restarted = new Vault(home);
    await assert.rejects(restarted.open(), failure('keyring-locked'));
    assert.deepEqual(restarted.names(), ['one']);
    assert.deepEqual(restarted.unreadable(['one']), []);
    assert.throws(() => restarted.get('one'), failure('keyring-locked'));
    restarted.update({ one: undefined });
    assert.deepEqual(restarted.names(), []);
    assert.equal((await restarted.status()).keeper, 'keyring');
  } finally {
    await desktop.stopKeyring();
    await desktop.startKeyring();
  }
});

test('when the keyring does not take the key nothing is changed', async () => {
  const vault = new Vault(home);
  vault.update({ one: 'first' });
  const before = readFileSync(path('vault.json'));
  desktop.lock();
  try {
    await assert.rejects(vault.keep('keyring'), failure('keyring-refused'));
  } finally {
    await desktop.stopKeyring();
    await desktop.startKeyring();
  }
  assert.deepEqual(readFileSync(path('vault.json')), before);
  assert.equal(new Vault(home).get('one'), 'first');
});

test('a key that is gone from the keyring can be given up: old secrets are to be entered again', async () => {
  const vault = new Vault(home);
  vault.update({ one: 'first' });
  await vault.keep('keyring');
  await new SecretService(home).remove();
  const restarted = new Vault(home);
  await assert.rejects(restarted.open(), failure('keyring-key-missing'));
  await assert.rejects(restarted.keep('file'), failure('keyring-key-missing'));
  await restarted.keep('file', true);
  assert.deepEqual(restarted.unreadable(restarted.names()), ['one']);
  restarted.update({ one: 'again' });
  assert.equal(new Vault(home).get('one'), 'again');
});

for (const [from, to] of [
  ['file', 'keyring'],
  ['keyring', 'file'],
  ['keyring', 'keyring'],
  ['file', 'file']
] as const) {
  test(`a move from ${from} to ${to} that is cut off at any step leaves a vault that opens`, async () => {
    for (let steps = 0, finished = false; !finished; steps++) {
      const folder = mkdtempSync(join(home, 'cut-off-'));
      const vault = new Vault(folder);
      vault.update({ one: 'first', two: 'second' });
      await vault.keep(from);
      finished = await cutOff(folder, to, steps);
      const restarted = new Vault(folder);
      await restarted.open();
      const where = `dead after ${steps} steps`;
      assert.equal(restarted.get('one'), 'first', where);
      assert.equal(restarted.get('two'), 'second', where);
      await restarted.keep(to);
      assert.deepEqual(restarted.unreadable(restarted.names()), [], where);
      await new SecretService(folder).remove();
      assert.ok(!finished || steps > 6, where);
    }
  });
}

/**
 * Run `keep` in a process that is killed at a call to the keyring or a rename of a file.
 * @returns whether it was done before
 */
async function cutOff(
  folder: string,
  to: string,
  steps: number
): Promise<boolean> {
  const child = spawn(
    process.execPath,
    [program(cutOffProgram), folder, to, String(steps)],
    {
      stdio: ['ignore', 'pipe', 'inherit']
    }
  );
  return (await text(child.stdout)) === 'done';
}

const cutOffProgram = `
  import fs from 'node:fs';
  import { Vault } from './vault.js';
  import { SecretService } from './keepers/secretService.js';
  const [folder, to, steps] = process.argv.slice(2);
  let left = Number(steps);
  const step = () => {
    if (left-- === 0) {
      process.kill(process.pid, 'SIGKILL');
    }
  };
  for (const name of ['renameSync', 'rmSync']) {
    const original = fs[name];
    fs[name] = (...args) => {
      step();
      original(...args);
      step();
    };
  }
  const real = new SecretService(folder);
  const keyring = { name: real.name };
  for (const name of ['read', 'write', 'remove']) {
    keyring[name] = async (...args) => {
      step();
      const result = await real[name](...args);
      step();
      return result;
    };
  }
  new Vault(folder, keyring).keep(to).then(() => process.stdout.write('done'));
`;

const makingProgram = `
  import { Vault } from './vault.js';
  const [folder] = process.argv.slice(2);
  process.stdin.once('end', () => {
    process.stdout.write(
      new Vault(folder).getOrMake('key', () => String(process.pid))
    );
  }).resume();
  process.stderr.write('.');
`;

const programs = new Map<string, string>();

/** @returns path of the bundled program: it starts in a tenth of the time */
function program(source: string): string {
  const known = programs.get(source);
  if (known !== undefined) {
    return known;
  }
  const outfile = join(desktop.folder, `program-${programs.size}.cjs`);
  buildSync({
    stdin: {
      contents: source,
      resolveDir: dirname(fileURLToPath(import.meta.url))
    },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile,
    logLevel: 'error'
  });
  programs.set(source, outfile);
  return outfile;
}

function counted(keyring: Keyring, count: () => void): Keyring {
  return {
    name: keyring.name,
    obstacle: () => keyring.obstacle(),
    read: () => {
      count();
      return keyring.read();
    },
    write: (keys: MasterKeys) => keyring.write(keys),
    remove: () => keyring.remove()
  };
}
