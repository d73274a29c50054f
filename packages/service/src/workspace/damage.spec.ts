import assert from 'node:assert/strict';
import {
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

import { names, rewrite, three } from '../testing/brokenFile.js';
import { TestWorkspace } from '../testing/workspace.js';
import { Store } from './store.js';

let home: string;
let path: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'underpass-damage-'));
  path = join(home, 'workspace.json');
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

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
  three(home);
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
  const store = three(home);
  const damaged = Buffer.from([0xff, 0xfe, 0x00, 0x7b]);
  writeFileSync(path, damaged);
  assert.deepEqual(names(store), ['One', 'Two', 'Three']);
  assert.match(problemOf(store, damaged), /can not be read at all/);
});

test('a damaged file without a copy leaves an empty workspace, and says that all is lost', () => {
  three(home);
  writeFileSync(path, 'garbage');
  rmSync(`${path}.last-good`);
  const store = new Store(home);
  assert.deepEqual(names(store), []);
  assert.match(problemOf(store, 'garbage'), /no good copy/);
  // Secrets stay in the vault: what they belong to may come back.
  assert.equal(store.vault.names().length, 3);
});

test('one bad entry among good ones is left out and named, the others are used', () => {
  three(home);
  const damaged = rewrite(home, ({ integrations }) => {
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
    three(home);
    const damaged = rewrite(
      home,
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
  three(home);
  const damaged = rewrite(home, file => (file.hostKeys = 'none'));
  const store = new Store(home);
  assert.deepEqual(names(store), ['One', 'Two', 'Three']);
  assert.match(problemOf(store, damaged), /All of "hostKeys"/);
});

test('two entries with the same id, or with names that clash, are both kept', () => {
  three(home);
  const damaged = rewrite(home, ({ integrations }) => {
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

test('an integration whose fields make no sense is shown as not usable, and can be corrected', async () => {
  const workspace = new TestWorkspace(home);
  try {
    three(home);
    rewrite(home, ({ integrations }) => {
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
  }
});

test('a file that somebody edited is used as it is, and what it said before is kept', () => {
  three(home);
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
  three(home);
  const before = readFileSync(path);
  rmSync(path);
  const store = new Store(home);
  assert.deepEqual(names(store), ['One', 'Two', 'Three']);
  assert.match(problemOf(store, before), /was gone/);
});

test('a damaged vault comes back from its copy', () => {
  const before = three(home);
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
