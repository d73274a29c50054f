import assert from 'node:assert/strict';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { TestWorkspace } from '../testing/workspace.js';
import { Store } from './store.js';

let home: string;
let path: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'underpass-damage-'));
  path = join(home, 'workspace.json');
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

/** The file's members, to be changed as no version of this program would. */
interface File {
  version: number;
  integrations: Record<string, unknown>[];
  [member: string]: unknown;
}

const names = (store: Store) => store.integrations().map(({ name }) => name);

function three(): Store {
  const store = new Store(home);
  for (const name of ['One', 'Two', 'Three']) {
    const { id } = store.add(
      'postgresql',
      name,
      { host: 'db.internal', user: 'me', database: 'shop' },
      { password: `of ${name}` }
    );
    store.setConnected('/project', id, true);
  }
  return store;
}

/** Change the file as a program would that keeps to its form: no checksum, no copy to fall back on. */
function rewrite(change: (file: File) => void, { copy = false } = {}): string {
  const file = JSON.parse(readFileSync(path, 'utf8')) as File;
  change(file);
  delete file.checksum;
  const text = JSON.stringify(file);
  writeFileSync(path, text);
  if (!copy) {
    rmSync(`${path}.last-good`);
  }
  return text;
}

/** The one problem, with the damaged file kept aside as it was. */
function problemOf(store: Store, damaged: string | Buffer): string {
  const [problem, ...others] = store.problems();
  assert.ok(problem);
  assert.deepEqual(others, []);
  const { keptAs = '', failure } = problem;
  assert.equal(failure.code, 'storage-damaged');
  assert.ok(keptAs.startsWith(`${problem.path}.damaged-`), keptAs);
  assert.ok(readFileSync(keptAs).equals(Buffer.from(damaged)));
  assert.equal(statSync(keptAs).mode & 0o777, 0o600);
  assert.ok(failure.message.includes(problem.path));
  assert.ok(failure.fix.includes(keptAs));
  return failure.message;
}

test('a file that is cut off is replaced by its last good copy, which is said until the damaged file is deleted', () => {
  three();
  const damaged = readFileSync(path, 'utf8').slice(0, 300);
  writeFileSync(path, damaged);
  const store = new Store(home);
  assert.deepEqual(names(store), ['One', 'Two', 'Three']);
  assert.match(problemOf(store, damaged), /cut off .* last good copy, of 20/);
  // Also after a restart, and only once.
  const reopened = new Store(home);
  problemOf(reopened, damaged);
  assert.deepEqual(names(reopened), ['One', 'Two', 'Three']);
  reopened.add('ssh-tunnel', 'Four', {}, {});
  problemOf(reopened, damaged);
  rmSync(reopened.problems()[0]?.keptAs ?? '');
  assert.deepEqual(reopened.problems(), []);
  assert.deepEqual(new Store(home).problems(), []);
});

test('a file that is damaged while the service runs is noticed when it is read', () => {
  const store = three();
  const damaged = Buffer.from([0xff, 0xfe, 0x00, 0x7b]);
  writeFileSync(path, damaged);
  assert.deepEqual(names(store), ['One', 'Two', 'Three']);
  assert.match(problemOf(store, damaged), /can not be read at all/);
});

test('a damaged file without a copy leaves an empty workspace, and says that all is lost', () => {
  three();
  writeFileSync(path, 'garbage');
  rmSync(`${path}.last-good`);
  const store = new Store(home);
  assert.deepEqual(names(store), []);
  assert.match(problemOf(store, 'garbage'), /no good copy/);
  // Secrets stay in the vault: what they belong to may come back.
  assert.equal(store.vault.names().length, 3);
});

test('one bad entry among good ones is left out and named, the others are used', () => {
  three();
  const damaged = rewrite(({ integrations }) => {
    (integrations[1] as { fields: unknown }).fields = 'db';
  });
  const store = new Store(home);
  assert.deepEqual(names(store), ['One', 'Three']);
  assert.match(
    problemOf(store, damaged),
    /The integration "Two" can not be read and is left out/
  );
});

test('one bad entry is taken from the last good copy, whatever of it can not be read', () => {
  for (const change of [
    (entry: Record<string, unknown>) => delete entry.id,
    (entry: Record<string, unknown>) => (entry.name = 7),
    (entry: Record<string, unknown>) => (entry.aliases = null)
  ]) {
    three();
    const damaged = rewrite(
      ({ integrations }) => change(integrations[1] ?? {}),
      { copy: true }
    );
    const store = new Store(home);
    assert.deepEqual(names(store), ['One', 'Two', 'Three']);
    assert.deepEqual(store.secrets(store.find('Two').id), {
      password: 'of Two'
    });
    assert.match(problemOf(store, damaged), /last good copy/);
    rmSync(home, { recursive: true });
    mkdirSync(home);
  }
});

test('a member of the wrong type is lost alone', () => {
  three();
  const damaged = rewrite(file => (file.hostKeys = 'none'));
  const store = new Store(home);
  assert.deepEqual(names(store), ['One', 'Two', 'Three']);
  assert.match(problemOf(store, damaged), /All of "hostKeys"/);
});

test('two entries with the same id, or with names that clash, are both kept', () => {
  three();
  const damaged = rewrite(({ integrations }) => {
    const [one = {}, two = {}, three = {}] = integrations;
    two.id = one.id;
    three.name = 'oNE';
    three.aliases = ['tWO', 'Mine'];
  });
  const store = new Store(home);
  assert.deepEqual(names(store), ['One', 'Two', 'oNE copy']);
  const [one, two, third] = store.integrations();
  assert.notEqual(one?.id, two?.id);
  assert.deepEqual(third?.aliases, ['Mine']);
  const message = problemOf(store, damaged);
  assert.match(message, /"Two" had the same id .* secrets/);
  assert.match(message, /is called "oNE copy" now/);
  assert.match(message, /its former name|former name "tWO"/);
});

test('an integration of a type, and with members, that this version does not know stays as it is', async () => {
  const workspace = new TestWorkspace();
  home = workspace.folder;
  path = join(home, 'workspace.json');
  try {
    three();
    rewrite(file => {
      const entry = file.integrations[1] ?? {};
      entry.type = 'oracle';
      entry.colour = 'blue';
      entry.fields = { wallet: { path: '/w' } };
      file.teams = [1, 2];
    });
    workspace.restart();
    const { folder } = workspace;
    const list = () =>
      workspace.request('underpass/integrations/list', { folder });
    const { integrations } = await list();
    const unknown = integrations.find(({ name }) => name === 'Two');
    assert.equal(unknown?.unusable?.code, 'unknown-type');
    assert.match(unknown?.unusable?.fix ?? '', /Install/);
    assert.equal(integrations[0]?.unusable, undefined);
    assert.deepEqual(workspace.service.store.problems(), []);
    // Others are used and changed; it stays.
    await workspace.request('underpass/integrations/update', {
      folder,
      integration: 'One',
      name: 'First'
    });
    await workspace.request('underpass/integrations/update', {
      folder,
      integration: 'Two',
      name: 'Second'
    });
    await workspace.request('underpass/key/show', {});
    await assert.rejects(
      workspace.request('underpass/ensure', { folder, integration: 'Two' }),
      /knows no type "oracle"/
    );
    const file = JSON.parse(readFileSync(path, 'utf8')) as File;
    assert.deepEqual(file.teams, [1, 2]);
    const [, kept] = file.integrations;
    assert.deepEqual(kept, {
      id: unknown?.id,
      type: 'oracle',
      name: 'Second',
      aliases: ['Two'],
      fields: { wallet: { path: '/w' } },
      colour: 'blue'
    });
  } finally {
    workspace.remove();
    mkdirSync(home);
  }
});

test('an integration whose fields make no sense is shown as not usable, and can be corrected', async () => {
  const workspace = new TestWorkspace();
  home = workspace.folder;
  path = join(home, 'workspace.json');
  try {
    three();
    rewrite(({ integrations }) => {
      (integrations[1] as { fields: object }).fields = { host: 1 };
    });
    workspace.restart();
    const { folder } = workspace;
    const get = { folder, integration: 'Two' };
    const before = await workspace.request('underpass/integrations/get', get);
    assert.equal(before.unusable?.code, 'invalid-field');
    const after = await workspace.request('underpass/integrations/update', {
      ...get,
      fields: { host: 'db', user: 'me', database: 'shop' }
    });
    assert.equal(after.unusable, undefined);
    assert.deepEqual(after.secretsSet, ['password']);
  } finally {
    workspace.remove();
    mkdirSync(home);
  }
});

test('a file that somebody edited is used as it is, and what it said before is kept', () => {
  three();
  const before = readFileSync(path);
  const edited = readFileSync(path, 'utf8').replace('db.internal', 'db2');
  writeFileSync(path, edited);
  const store = new Store(home);
  assert.equal(store.find('One').fields.host, 'db2');
  assert.match(problemOf(store, edited), /something else than underpass/);
  const kept = readdirSync(home).find(name => name.includes('.before-'));
  assert.ok(readFileSync(join(home, kept ?? '')).equals(before));
});

test('a workspace file that is gone comes back from its copy', () => {
  three();
  const before = readFileSync(path);
  rmSync(path);
  const store = new Store(home);
  assert.deepEqual(names(store), ['One', 'Two', 'Three']);
  assert.match(problemOf(store, before), /was gone/);
});

test('a file of a newer version is not touched, and says what to install', async () => {
  three();
  const newer = rewrite(file => {
    file.version = 99;
    file.savedBy = '7.1.0';
  });
  const refusal = (error: unknown) => {
    assert.ok(error instanceof ServiceError);
    const { code, message, fix } = error.failure;
    assert.equal(code, 'storage-newer');
    assert.match(message, /written by underpass 7\.1\.0/);
    assert.match(fix, /pip install "underpass>=7\.1\.0"/);
    return true;
  };
  const files = readdirSync(home);
  const store = new Store(home);
  for (const use of [
    () => store.integrations(),
    () => store.find('One'),
    () => store.add('ssh-tunnel', 'Four', {}, { password: 'x' })
  ]) {
    assert.throws(use, refusal);
  }
  assert.equal(store.problems()[0]?.failure.code, 'storage-newer');
  assert.equal(readFileSync(path, 'utf8'), newer);
  assert.deepEqual(readdirSync(home), files);
  assert.equal(store.vault.names().length, 3);
});

test('a file that another host gave a newer version is read no more and not written, while what is known still works', () => {
  const store = three();
  const newer = rewrite(file => (file.version = 99));
  assert.deepEqual(names(store), ['One', 'Two', 'Three']);
  assert.throws(
    () => store.setConnected('/other', store.find('One').id, true),
    /a newer underpass/
  );
  assert.equal(store.problems()[0]?.failure.code, 'storage-newer');
  assert.equal(readFileSync(path, 'utf8'), newer);
});

test('a file of version 1 is read, written as the present version, and kept for who goes back', () => {
  const sample = new URL('samples/workspace-1.json', import.meta.url);
  copyFileSync(sample, path);
  const store = new Store(home);
  assert.deepEqual(names(store), ['My DB', 'My API', 'Büro']);
  assert.deepEqual(store.settings(), {});
  assert.deepEqual(store.problems(), []);
  // Reading changes nothing.
  assert.ok(readFileSync(path).equals(readFileSync(sample)));
  const { id } = store.find('old db');
  assert.ok(store.isConnectedAnywhere(id));
  store.update(id, { name: 'Renamed' });
  const written = JSON.parse(readFileSync(path, 'utf8')) as File;
  assert.equal(written.version, 2);
  const kept = readdirSync(home).find(name => name.includes('.version-1-'));
  assert.ok(readFileSync(join(home, kept ?? '')).equals(readFileSync(sample)));
  assert.deepEqual(new Store(home).find(id).aliases, ['Old DB', 'My DB']);
  assert.equal(new Store(home).hostKeys().length, 1);
});

test('a damaged vault comes back from its copy', () => {
  const before = three();
  const vaultPath = join(home, 'vault.json');
  const good = readFileSync(vaultPath, 'utf8');
  const entry = `integration/${before.find('Two').id}/password`;
  for (const damaged of [
    good.slice(0, -100),
    good.replace(entry, 'integration/nobody/password'),
    good.replace(/"tag": "..../, '"tag": "AAAA')
  ]) {
    writeFileSync(vaultPath, damaged);
    const store = new Store(home);
    for (const name of ['One', 'Two', 'Three']) {
      assert.deepEqual(store.secrets(store.find(name).id), {
        password: `of ${name}`
      });
    }
    assert.match(problemOf(store, damaged), /vault\.json was damaged/);
    rmSync(store.problems()[0]?.keptAs ?? '');
  }
});
