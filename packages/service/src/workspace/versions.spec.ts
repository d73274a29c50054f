/** Files that other versions of this program have written. */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { type File, names, rewrite, three } from '../testing/brokenFile.js';
import { TestWorkspace } from '../testing/workspace.js';
import { Store } from './store.js';

let home: string;
let path: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'underpass-versions-'));
  path = join(home, 'workspace.json');
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

test('an integration of a type, and with members, that this version does not know stays as it is', async () => {
  const workspace = new TestWorkspace(home);
  try {
    three(home);
    rewrite(home, file => {
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
  }
});

test('a file of a newer version is not touched, and says what to install', async () => {
  three(home);
  const newer = rewrite(home, file => {
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
  const store = three(home);
  const newer = rewrite(home, file => (file.version = 99));
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
