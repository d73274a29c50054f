import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';

import { asFailure } from '../serviceError.js';
import { Sshd } from '../testing/sshd.js';
import { TestWorkspace } from '../testing/workspace.js';

let first: Sshd;
let second: Sshd;
let echo: Server;
let echoPort: number;
let workspace: TestWorkspace;
let folder: string;

before(async () => {
  first = await Sshd.start();
  second = await Sshd.start();
  echo = createServer(socket => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const address = echo.address();
  echoPort = typeof address === 'object' && address ? address.port : 0;
});
after(async () => {
  echo.close();
  await first.remove();
  await second.remove();
});
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

/** Only these keys may log in from now on. */
function authorize(sshd: Sshd, ...publicKeys: string[]): void {
  writeFileSync(
    join(sshd.folder, 'authorized_keys'),
    publicKeys.map(key => `${key}\n`).join('')
  );
}

async function trustBoth(): Promise<void> {
  for (const [name, sshd] of [
    ['One', first],
    ['Two', second]
  ] as const) {
    authorize(sshd);
    await workspace.trust(sshd);
    await workspace.addTunnel(name, sshd, echoPort);
  }
}

async function session(name: string) {
  const forward = await workspace.forward(name);
  assert.ok(forward);
  return forward.session;
}

async function dial(name: string) {
  return (await session(name)).connected(new AbortController().signal);
}

/** As after a night: the connection is gone, and made anew with the next use. */
async function redial(name: string) {
  (await session(name)).rest();
  return dial(name);
}

function newKey(...options: string[]): string {
  const path = join(folder, `key-${Math.random()}`);
  execFileSync('ssh-keygen', [
    ...['-q', '-t', 'ed25519', '-C', 'theirs', '-f', path],
    ...(options.length > 0 ? options : ['-N', ''])
  ]);
  return path;
}

test('the key is made on first need, stays after a restart and is in the vault alone', async () => {
  const made = await show();
  assert.equal(made.source, 'made');
  assert.match(made.publicKey, /^ssh-ed25519 AAAA\S+ underpass \S+@\S+$/);
  assert.deepEqual(made.bastions, []);
  workspace.restart();
  assert.deepEqual(await show(), made);
});

test('during a rotation bastions that know only the old key let us in, until the last one knows the new one', async () => {
  await trustBoth();
  const old = await show();
  await dial('One');
  await dial('Two');
  const rotated = await workspace.request('underpass/key/rotate', {});
  assert.notEqual(rotated.fingerprint, old.fingerprint);
  assert.equal(rotated.previous?.fingerprint, old.fingerprint);
  const where = ({ host, port, user }: Sshd) => ({ host, port, user });
  assert.deepEqual(rotated.previous?.bastions, [where(first), where(second)]);

  // Nobody has told the bastions yet.
  assert.equal((await redial('One')).loginKey, old.fingerprint);
  assert.deepEqual((await show()).previous?.bastions.length, 2);

  authorize(first, rotated.publicKey);
  assert.equal((await redial('One')).loginKey, rotated.fingerprint);
  const between = await show();
  assert.deepEqual(between.previous?.bastions, [where(second)]);
  assert.deepEqual(
    between.bastions.map(({ loggedInAt }) => loggedInAt !== undefined),
    [true, false]
  );
  assert.equal((await redial('Two')).loginKey, old.fingerprint);

  // Half-way through, another one would leave a bastion with a key that is gone.
  await assert.rejects(
    workspace.request('underpass/key/rotate', {}),
    failure('key-rotating')
  );
  await assert.rejects(
    workspace.request('underpass/key/import', {
      privateKey: readFileSync(newKey(), 'utf8')
    }),
    failure('key-rotating')
  );

  workspace.restart();
  authorize(second, rotated.publicKey);
  assert.equal((await redial('Two')).loginKey, rotated.fingerprint);
  assert.equal((await show()).previous, undefined);
  assert.equal((await show()).fingerprint, rotated.fingerprint);
  assert.ok(
    !workspace.service.store.vault.names().includes('workspace-key/previous')
  );
});

test('a rotation can be finished by hand', async () => {
  await trustBoth();
  await dial('One');
  const rotated = await workspace.request('underpass/key/rotate', {});
  assert.ok(rotated.previous);
  const finished = await workspace.request('underpass/key/rotate', {
    finish: true
  });
  assert.equal(finished.fingerprint, rotated.fingerprint);
  assert.equal(finished.previous, undefined);
  await assert.rejects(redial('One'), failure('auth-refused'));
});

test('a rotation does not disturb sessions that are up', async () => {
  await trustBoth();
  const transport = await dial('One');
  await workspace.request('underpass/key/rotate', {});
  assert.equal(transport.alive, true);
  assert.equal(await dial('One'), transport);
});

test('a rotation without a bastion keeps the old key until it is finished by hand', async () => {
  await show();
  const rotated = await workspace.request('underpass/key/rotate', {});
  assert.deepEqual(rotated.previous?.bastions, []);
});

test('a session that failed for the key is tried again as soon as another key was imported', async () => {
  await trustBoth();
  const path = newKey();
  authorize(first, readFileSync(`${path}.pub`, 'utf8'));
  await assert.rejects(dial('One'), failure('auth-refused'));
  assert.equal((await session('One')).state.kind, 'failed');
  const imported = await workspace.request('underpass/key/import', {
    privateKey: readFileSync(path, 'utf8')
  });
  assert.equal(imported.source, 'imported');
  assert.equal((await session('One')).state.kind, 'idle');
  assert.equal((await dial('One')).loginKey, imported.fingerprint);
});

test('an imported key takes the place of one that was never let in, and is second to none', async () => {
  await show();
  const path = newKey();
  const imported = await workspace.request('underpass/key/import', {
    privateKey: readFileSync(path, 'utf8')
  });
  assert.equal(imported.previous, undefined);
  assert.equal(imported.publicKey, readFileSync(`${path}.pub`, 'utf8').trim());
  workspace.restart();
  assert.deepEqual(await show(), imported);
  const again = await workspace.request('underpass/key/import', {
    privateKey: readFileSync(path, 'utf8')
  });
  assert.deepEqual(again, imported);
});

test('a key that was let in stays the second one after an import', async () => {
  await trustBoth();
  const { fingerprint } = await show();
  await dial('One');
  const imported = await workspace.request('underpass/key/import', {
    privateKey: readFileSync(newKey(), 'utf8')
  });
  assert.equal(imported.previous?.fingerprint, fingerprint);
  assert.equal((await redial('One')).loginKey, fingerprint);
});

test('an imported key needs its passphrase once, and is exported without one', async () => {
  const path = newKey('-N', 'open sesame');
  const privateKey = readFileSync(path, 'utf8');
  await assert.rejects(
    workspace.request('underpass/key/import', { privateKey }),
    failure('key-passphrase', 'needed')
  );
  await assert.rejects(
    workspace.request('underpass/key/import', { privateKey, passphrase: 'x' }),
    failure('key-passphrase', 'wrong')
  );
  await workspace.request('underpass/key/import', {
    privateKey,
    passphrase: 'open sesame'
  });
  workspace.restart();
  const exported = await workspace.request('underpass/key/export', {});
  const copy = join(folder, 'exported');
  writeFileSync(copy, exported.privateKey, { mode: 0o600 });
  assert.equal(
    execFileSync('ssh-keygen', ['-y', '-P', '', '-f', copy], {
      encoding: 'utf8'
    }),
    readFileSync(`${path}.pub`, 'utf8')
  );
});

test('a key that the environment names is used, shown with its path, and not replaced', async () => {
  await trustBoth();
  const path = newKey();
  process.env.UNDERPASS_PRIVATE_KEY_FILE = path;
  const publicKey = readFileSync(`${path}.pub`, 'utf8').trim();
  authorize(first, publicKey);
  const given = await show();
  assert.equal(given.source, 'file');
  assert.equal(given.path, path);
  assert.equal(given.publicKey, publicKey);
  assert.equal((await dial('One')).loginKey, given.fingerprint);
  for (const attempt of [
    workspace.request('underpass/key/rotate', {}),
    workspace.request('underpass/key/rotate', { finish: true }),
    workspace.request('underpass/key/import', {
      privateKey: readFileSync(newKey(), 'utf8')
    })
  ]) {
    await assert.rejects(attempt, failure('key-given'));
  }
  // Replaced by whoever mounts it: with the next login.
  const other = newKey();
  process.env.UNDERPASS_PRIVATE_KEY_FILE = other;
  await assert.rejects(redial('One'), failure('auth-refused'));
});

test('when the master key is lost the key is said to be unreadable, and a new one can be made', async () => {
  await trustBoth();
  rmSync(join(workspace.folder, 'master.key'));
  workspace.restart();
  await assert.rejects(show(), failure('secret-unreadable'));
  await assert.rejects(dial('One'), failure('secret-unreadable'));
  assert.equal((await session('One')).state.kind, 'failed');
  const made = await workspace.request('underpass/key/rotate', {});
  assert.equal(made.previous, undefined);
  authorize(first, made.publicKey);
  assert.equal((await dial('One')).loginKey, made.fingerprint);
});

test('a login that can not be noted does not fail the connection', async () => {
  await trustBoth();
  rmSync(join(workspace.folder, 'key.json'), { force: true });
  execFileSync('mkdir', ['-p', join(workspace.folder, 'key.json', 'x')]);
  assert.ok((await dial('One')).alive);
});
