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
    'vault.json.last-good',
    'workspace.json',
    'workspace.json.last-good'
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
    checksum?: string;
  };
  const entry = (id: string) => `integration/${id}/password`;
  vault.entries[entry(second.id)] = vault.entries[entry(first.id)];
  // Who does this on purpose does it well.
  delete vault.checksum;
  rmSync(`${path}.last-good`);
  writeFileSync(path, JSON.stringify(vault));
  assert.throws(
    () => store.secrets(second.id),
    refused('secret-unreadable', 'password')
  );
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

test('a change made elsewhere is seen, and what it made is not lost with the next save', () => {
  const here = new Store(home);
  const there = new Store(home);
  here.add('ssh-tunnel', 'One', {}, {});
  assert.equal(there.find('One').name, 'One');
  const two = there.add('postgresql', 'Two', {}, { password: 'x' });
  here.setConnected('/project', here.find('One').id, true);
  here.add('postgresql', 'Three', {}, { password: 'y' });
  assert.deepEqual(here.secrets(two.id), { password: 'x' });
  for (const store of [here, there, new Store(home)]) {
    assert.deepEqual(
      store.integrations().map(({ name }) => name),
      ['One', 'Two', 'Three']
    );
    assert.ok(store.isConnectedAnywhere(store.find('One').id));
  }
});

test('a rename leaves an alias, and a name may go back to one of its own', () => {
  const store = new Store(home);
  const { id } = store.add('ssh-tunnel', 'Old', {}, {});
  store.add('ssh-tunnel', 'Other', {}, {});
  const aliases = () => store.find(id).aliases;
  store.update(id, { name: 'New' });
  assert.deepEqual(aliases(), ['Old']);
  assert.equal(store.find('OLD').id, id);
  store.update(id, { name: 'old' });
  assert.deepEqual(aliases(), ['New']);
  assert.equal(store.find(id).name, 'old');
  // The same name written otherwise is no other name.
  store.update(id, { name: 'Old' });
  assert.deepEqual(aliases(), ['New']);
  assert.throws(
    () => store.update(id, { name: 'oTHER' }),
    refused('duplicate-name', 'name')
  );
  assert.throws(
    () => store.add('ssh-tunnel', 'new', {}, {}),
    refused('duplicate-name', 'name')
  );
});

test('former names can be dropped, and are free then; others can not be made up', () => {
  const store = new Store(home);
  const { id } = store.add('ssh-tunnel', 'One', {}, {});
  store.update(id, { name: 'Two' });
  store.update(id, { name: 'Three' });
  assert.throws(
    () => store.update(id, { aliases: ['One', 'Invented'] }),
    refused('invalid-field', 'aliases')
  );
  store.update(id, { aliases: ['two'] });
  assert.deepEqual(store.find(id).aliases, ['Two']);
  store.add('ssh-tunnel', 'One', {}, {});
  // Renamed without keeping the former name.
  store.update(id, { name: 'Four', aliases: [] });
  assert.deepEqual(store.find(id).aliases, []);
  assert.throws(
    () => store.find('Three'),
    refused('unknown-integration', 'integration')
  );
});

test('copies are called so, and have the secrets', () => {
  const store = new Store(home);
  const original = store.add(
    'postgresql',
    'My DB',
    { host: 'db' },
    { password: 'x' }
  );
  const first = store.duplicate(original);
  const second = store.duplicate(original);
  assert.deepEqual(
    [first.name, second.name, store.duplicate(original, 'Mine').name],
    ['My DB copy', 'My DB copy 2', 'Mine']
  );
  assert.deepEqual(second.fields, { host: 'db' });
  assert.deepEqual(store.secrets(second.id), { password: 'x' });
  store.remove(original.id);
  assert.deepEqual(store.secrets(first.id), { password: 'x' });
});

test('settings stay, and other settings with them', () => {
  new Store(home).setSetting('addresses', ['192.0.2.1']);
  new Store(home).setSetting('other', true);
  assert.deepEqual(new Store(home).settings(), {
    addresses: ['192.0.2.1'],
    other: true
  });
});
