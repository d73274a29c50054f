import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, test } from 'node:test';

import { ServiceError } from '../../serviceError.js';
import { TestWorkspace } from '../../testing/workspace.js';

let workspace: TestWorkspace;
beforeEach(() => {
  workspace = new TestWorkspace();
});
afterEach(() => workspace.remove());

const refused = (code: string) => (error: unknown) => {
  assert.ok(error instanceof ServiceError);
  assert.equal(error.failure.code, code);
  return true;
};

const folder = '/nowhere';
const read = (text: string) =>
  workspace.request('underpass/imports/read', {
    source: { kind: 'text', text }
  });

const passwords = 'db:5432:shop:me:hunter2\n*:5432:store:me:hunter3\n';

test('entries are told without their passwords, and what is left to fill in', async () => {
  const answer = await read(passwords);
  assert.deepEqual(
    answer.entries.map(({ name, secretsSet, missing }) => [
      name,
      secretsSet,
      missing?.detail?.field
    ]),
    [
      ['shop', ['password'], undefined],
      ['store', ['password'], 'host']
    ]
  );
  assert.ok(!JSON.stringify(answer).includes('hunter'));
});

test('several are added at once, and one that is refused keeps no other back', async () => {
  const { import: id } = await read(`${passwords}db2:5432:shop:me:x\n`);
  const { added, refused } = await workspace.request('underpass/imports/add', {
    folder,
    import: id,
    entries: ['pgpass-1', 'pgpass-2', 'pgpass-3']
  });
  assert.deepEqual(
    added.map(({ name, secretsSet, connected }) => [
      name,
      secretsSet,
      connected
    ]),
    [
      ['shop', ['password'], true],
      ['shop 2', ['password'], true]
    ]
  );
  assert.deepEqual(
    refused.map(({ entry, failure }) => [entry, failure.detail?.field]),
    [['pgpass-2', 'host']]
  );
  const { store } = workspace.service;
  assert.deepEqual(store.secrets(store.find('shop').id), {
    password: 'hunter2'
  });
});

test('a form that an entry filled in gets its password, unless one was typed or taken away', async () => {
  const { import: id } = await read(passwords);
  const add = (name: string, secrets: { [field: string]: string }) =>
    workspace.request('underpass/integrations/add', {
      folder,
      type: 'postgresql',
      name,
      fields: { host: 'db', user: 'me', database: 'store' },
      secrets,
      imported: { import: id, entry: 'pgpass-2' }
    });
  await add('Kept', {});
  await add('Typed', { password: 'mine' });
  await add('None', { password: '' });
  const { store } = workspace.service;
  assert.deepEqual(
    ['Kept', 'Typed', 'None'].map(name => store.secrets(store.find(name).id)),
    [{ password: 'hunter3' }, { password: 'mine' }, {}]
  );
});

test('an entry is not given to a form of another type', async () => {
  const { import: id } = await read(passwords);
  await workspace.request('underpass/integrations/add', {
    folder,
    type: 'mysql',
    name: 'Other',
    fields: { host: 'db', user: 'me' },
    imported: { import: id, entry: 'pgpass-1' }
  });
  const { store } = workspace.service;
  assert.deepEqual(store.secrets(store.find('Other').id), {});
});

test('an import that is not known is refused', async () => {
  await assert.rejects(
    workspace.request('underpass/imports/add', {
      folder,
      import: randomUUID(),
      entries: ['pgpass-1']
    }),
    refused('unknown-import')
  );
});

test('a change made from an older state is refused, whatever had changed', async () => {
  const added = await workspace.request('underpass/integrations/add', {
    folder,
    type: 'postgresql',
    name: 'Shop',
    fields: { host: 'db', user: 'me', database: 'shop' },
    secrets: { password: 'first' }
  });
  const update = (change: object) =>
    workspace.request('underpass/integrations/update', {
      folder,
      integration: added.id,
      ...change
    });
  let revision = added.revision;
  for (const change of [
    { name: 'Store' },
    { fields: { ...added.fields, host: 'db2' } },
    { secrets: { password: 'second' } },
    { marks: { production: true } },
    { aliases: [] }
  ]) {
    const former = revision;
    ({ revision } = await update({ ...change, revision: former }));
    assert.notEqual(revision, former, JSON.stringify(change));
    await assert.rejects(
      update({ name: 'Late', revision: former }),
      refused('changed-meanwhile')
    );
  }
  workspace.restart();
  const now = await workspace.request('underpass/integrations/get', {
    folder,
    integration: added.id
  });
  assert.equal(now.revision, revision);
});

test('the line for the bastion of a form allows its server, and those of the others there', async () => {
  const bastion = { sshHost: 'bastion', sshPort: 22, sshUser: 'me' };
  const tunnel = (remoteHost: string) => ({
    type: 'ssh-tunnel',
    fields: { ...bastion, remoteHost, remotePort: 80 }
  });
  const added = await workspace.request('underpass/integrations/add', {
    folder,
    name: 'One',
    ...tunnel('one')
  });
  const line = async (params: object) => {
    const { authorizedKeys = '' } = await workspace.request(
      'underpass/key/lineFor',
      { ...tunnel('two'), ...params }
    );
    return authorizedKeys.match(/(?<=permitopen=")[^"]*/g);
  };
  assert.deepEqual(await line({}), ['two:80', 'one:80']);
  assert.deepEqual(await line({ integration: added.id }), ['two:80']);
  assert.equal(await line({ fields: { ...bastion } }), null);
});
