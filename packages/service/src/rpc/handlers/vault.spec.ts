import assert from 'node:assert/strict';
import { chmodSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { asFailure } from '../../serviceError.js';
import { TestWorkspace } from '../../testing/workspace.js';

let workspace: TestWorkspace;
beforeEach(() => {
  workspace = new TestWorkspace();
});
afterEach(() => workspace.remove());

const fields = { host: '127.0.0.1', user: 'me', database: 'shop' };

function add(name: string, secrets: { [field: string]: string }) {
  return workspace.request('underpass/integrations/add', {
    folder: workspace.folder,
    type: 'postgresql',
    name,
    fields,
    secrets
  });
}

async function unreadable() {
  const { integrations } = await workspace.request(
    'underpass/integrations/list',
    { folder: workspace.folder }
  );
  return integrations.map(({ name, secretsUnreadable }) => [
    name,
    secretsUnreadable
  ]);
}

const ensure = (integration: string) =>
  workspace.request('underpass/ensure', {
    folder: workspace.folder,
    integration
  });

test('after the master key was lost integrations say which secrets to enter again, and doing so helps', async () => {
  await add('One', { password: 'first' });
  await add('Two', { password: 'second' });
  await add('None', {});
  assert.deepEqual(await unreadable(), [
    ['One', undefined],
    ['Two', undefined],
    ['None', undefined]
  ]);
  renameSync(
    join(workspace.folder, 'master.key'),
    join(workspace.folder, 'backup')
  );
  workspace.restart();
  assert.deepEqual(await unreadable(), [
    ['One', ['password']],
    ['Two', ['password']],
    ['None', undefined]
  ]);
  await assert.rejects(ensure('One'), error => {
    const { code, message, fix, detail } = asFailure(error);
    assert.equal(code, 'secret-unreadable');
    assert.match(message, /^The password of "One" can not be decrypted/);
    assert.match(fix, /underpass integration edit "One" --secret password/);
    assert.deepEqual(detail, { field: 'password' });
    return true;
  });
  assert.deepEqual((await ensure('None')).secrets, {});

  await workspace.request('underpass/integrations/update', {
    folder: workspace.folder,
    integration: 'One',
    secrets: { password: 'first again' }
  });
  assert.deepEqual((await ensure('One')).secrets, { password: 'first again' });
  assert.deepEqual((await unreadable())[1], ['Two', ['password']]);
  const status = await workspace.request('underpass/vault/status', {});
  assert.deepEqual([status.secrets, status.unreadable], [2, 1]);
});

test('a fresh master key is made where it is, and every secret stays', async () => {
  await add('One', { password: 'first' });
  const status = await workspace.request('underpass/vault/keep', {
    keeper: 'file'
  });
  assert.equal(status.keeper, 'file');
  assert.equal(status.where, join(workspace.folder, 'master.key'));
  workspace.restart();
  assert.deepEqual((await ensure('One')).secrets, { password: 'first' });
});

test('that other users could read the master key is told', async () => {
  await add('One', { password: 'first' });
  chmodSync(join(workspace.folder, 'master.key'), 0o640);
  await ensure('One');
  const { remarks } = await workspace.request('underpass/vault/status', {});
  assert.match(remarks.join(), /mode 0640/);
});
