import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';

import type { Params } from '@underpass/protocol';

import { ServiceError } from '../../serviceError.js';
import { rewrite } from '../../testing/brokenFile.js';
import { TestWorkspace } from '../../testing/workspace.js';

type Marks = Params<'underpass/integrations/add'>['marks'];

const fields = { host: 'db.internal', user: 'me', database: 'shop' };
let workspace: TestWorkspace;

beforeEach(() => {
  workspace = new TestWorkspace();
});
afterEach(() => workspace.remove());

const add = (marks?: Marks) =>
  workspace.request('underpass/integrations/add', {
    folder: workspace.folder,
    type: 'postgresql',
    name: 'My DB',
    fields,
    marks
  });

const update = (
  change: Omit<
    Params<'underpass/integrations/update'>,
    'folder' | 'integration'
  >
) =>
  workspace.request('underpass/integrations/update', {
    folder: workspace.folder,
    integration: 'My DB',
    ...change
  });

const ensure = () =>
  workspace.request('underpass/ensure', {
    folder: workspace.folder,
    integration: 'My DB'
  });

const get = () =>
  workspace.request('underpass/integrations/get', {
    folder: workspace.folder,
    integration: 'My DB'
  });

/** As a program would write it that keeps to the form but not to the values. */
function rewriteMarks(marks: unknown): void {
  rewrite(workspace.folder, file => {
    Object.assign(file.integrations[0] ?? {}, { marks });
  });
  workspace.restart();
}

test('an integration is unmarked unless somebody says otherwise', async () => {
  const added = await add();
  assert.deepEqual(added.marks, { production: false, readOnly: false });
  assert.equal((await ensure()).readOnly, false);
});

test('a production mark forbids nothing; read-only reaches the driver', async () => {
  await add({ production: true });
  assert.equal((await ensure()).readOnly, false);
  const { marks } = await update({ marks: { readOnly: true } });
  assert.deepEqual(marks, { production: true, readOnly: true });
  assert.equal((await ensure()).readOnly, true);
});

test('marks stay when other things change, are copied, and survive a restart', async () => {
  await add({ production: true, readOnly: true });
  await update({ name: 'Shop', fields: { ...fields, port: 5433 } });
  workspace.restart();
  const marks = { production: true, readOnly: true };
  assert.deepEqual((await get()).marks, marks);
  const copy = await workspace.request('underpass/integrations/duplicate', {
    folder: workspace.folder,
    integration: 'Shop'
  });
  assert.deepEqual(copy.marks, marks);
});

test('an integration of an older workspace has no marks and can be given some', async () => {
  await add();
  rewriteMarks(undefined);
  assert.deepEqual((await get()).marks, { production: false, readOnly: false });
  await update({ marks: { production: true } });
  assert.deepEqual((await get()).marks, { production: true, readOnly: false });
});

test('a mark that can not be read counts as set, until somebody takes it away', async () => {
  await add();
  for (const damaged of [
    'yes',
    7,
    null,
    [],
    { readOnly: 'yes', production: 1 }
  ]) {
    rewriteMarks(damaged);
    assert.deepEqual((await get()).marks, { production: true, readOnly: true });
  }
  await update({ marks: { production: false, readOnly: false } });
  assert.deepEqual((await get()).marks, { production: false, readOnly: false });
});

test('a mark of a newer version stays', async () => {
  await add();
  rewriteMarks({ archived: true, readOnly: false });
  await update({ marks: { readOnly: true } });
  assert.deepEqual(workspace.service.store.find('My DB').marks, {
    archived: true,
    production: false,
    readOnly: true
  });
});

test('an SSH tunnel can be production, but nobody can keep it read-only', async () => {
  const tunnel = (marks: Marks) =>
    workspace.request('underpass/integrations/add', {
      folder: workspace.folder,
      type: 'ssh-tunnel',
      name: 'Tunnel',
      fields: {
        sshHost: 'bastion',
        sshUser: 'me',
        remoteHost: 'web',
        remotePort: 80
      },
      connect: false,
      marks
    });
  await assert.rejects(tunnel({ readOnly: true }), (error: unknown) => {
    assert.ok(error instanceof ServiceError);
    assert.equal(error.failure.detail?.field, 'readOnly');
    return true;
  });
  assert.equal((await tunnel({ production: true })).marks.production, true);
});
