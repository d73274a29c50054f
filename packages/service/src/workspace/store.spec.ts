import assert from 'node:assert/strict';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { Store } from './store.js';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'underpass-store-'));
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

const refused = (code: string, field?: string) => (error: unknown) =>
  error instanceof ServiceError &&
  error.failure.code === code &&
  error.failure.detail?.field === field;

test('what was added is there after a restart, with its secret', () => {
  const { id } = new Store(home).add(
    'postgresql',
    'My DB',
    { host: 'db' },
    { password: 'opensesame' }
  );
  const reopened = new Store(home);
  assert.equal(reopened.find('my db').id, id);
  assert.deepEqual(reopened.secretsSet(id), ['password']);
  assert.deepEqual(reopened.secrets(id), { password: 'opensesame' });
});

test('no file holds a secret in clear and none is readable by others', () => {
  new Store(home).add('postgresql', 'My DB', {}, { password: 'opensesame' });
  const files = readdirSync(home);
  assert.deepEqual(files.sort(), [
    'master.key',
    'vault.json',
    'workspace.json'
  ]);
  for (const file of files) {
    assert.equal(statSync(join(home, file)).mode & 0o077, 0, file);
    assert.ok(!readFileSync(join(home, file), 'utf8').includes('opensesame'));
  }
});

test('a secret moved to another entry of the vault is not accepted there', () => {
  const store = new Store(home);
  const first = store.add('postgresql', 'One', {}, { password: 'first' });
  const second = store.add('postgresql', 'Two', {}, { password: 'second' });
  const path = join(home, 'vault.json');
  const vault = JSON.parse(readFileSync(path, 'utf8')) as {
    entries: Record<string, unknown>;
  };
  const entry = (id: string) => `integration/${id}/password`;
  vault.entries[entry(second.id)] = vault.entries[entry(first.id)];
  writeFileSync(path, JSON.stringify(vault));
  assert.throws(() => store.secrets(second.id), refused('secret-unreadable'));
});

test('a name that gives the same variables as another, or can not stand in a cell, is refused', () => {
  const store = new Store(home);
  store.add('ssh-tunnel', 'My API', {}, {});
  assert.throws(
    () => store.add('ssh-tunnel', 'my-api', {}, {}),
    refused('duplicate-name', 'name')
  );
  for (const name of ['  ', '-o', 'two\nlines']) {
    assert.throws(
      () => store.add('ssh-tunnel', name, {}, {}),
      refused('invalid-field', 'name'),
      name
    );
  }
});

test('a removed integration leaves neither secrets nor connections', () => {
  const store = new Store(home);
  const { id } = store.add('postgresql', 'My DB', {}, { password: 'x' });
  store.setConnected('/project', id, true);
  store.remove(id);
  assert.deepEqual(store.vault.names(), []);
  assert.equal(store.isConnectedAnywhere(id), false);
  assert.throws(
    () => store.find('My DB'),
    refused('unknown-integration', 'integration')
  );
});

test('a damaged file is named and never written over', () => {
  const path = join(home, 'workspace.json');
  writeFileSync(path, '{"version": 1, "integrations": [');
  assert.throws(() => new Store(home), refused('storage-damaged'));
  assert.equal(readFileSync(path, 'utf8'), '{"version": 1, "integrations": [');
});

test('when the folder can not be written, the failure says so and the store still says what it has', () => {
  const store = new Store(home);
  store.add('ssh-tunnel', 'Kept', {}, {});
  // Works for root as well, whom no permission stops.
  renameSync(home, `${home}-away`);
  assert.throws(
    () => store.add('ssh-tunnel', 'Lost', {}, {}),
    (error: unknown) =>
      error instanceof ServiceError && error.failure.code === 'storage-failed'
  );
  renameSync(`${home}-away`, home);
  const names = (from: Store) => from.integrations().map(({ name }) => name);
  assert.deepEqual(names(store), ['Kept']);
  assert.deepEqual(names(new Store(home)), ['Kept']);
});
