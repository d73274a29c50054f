/** What still works while a file of the workspace can not be read. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { TestWorkspace } from '../../testing/workspace.js';

let workspace: TestWorkspace;

beforeEach(() => {
  workspace = new TestWorkspace();
});
afterEach(() => workspace.remove());

/** As after somebody used a newer version on another host. */
function becomeNewer(file: string): void {
  const path = join(workspace.folder, file);
  writeFileSync(path, JSON.stringify({ version: 99, savedBy: '7.1.0' }));
  rmSync(`${path}.last-good`, { force: true });
  workspace.restart();
}

test('with a vault that can not be read integrations are listed all the same, and each says that its secrets are not known', async () => {
  const { folder } = workspace;
  await workspace.request('underpass/integrations/add', {
    folder,
    type: 'postgresql',
    name: 'My DB',
    fields: { host: '127.0.0.1', user: 'me', database: 'shop' },
    secrets: { password: 'opensesame' }
  });
  becomeNewer('vault.json');
  const { integrations } = await workspace.request(
    'underpass/integrations/list',
    { folder }
  );
  assert.deepEqual(
    integrations.map(({ name, connected, secretsSet, secretsFailure }) => ({
      name,
      connected,
      secretsSet,
      code: secretsFailure?.code
    })),
    [
      {
        name: 'My DB',
        connected: true,
        secretsSet: [],
        code: 'storage-newer'
      }
    ]
  );
  // Nothing is dialled without them.
  await assert.rejects(
    workspace.request('underpass/ensure', { folder, integration: 'My DB' }),
    /vault\.json was written by underpass 7\.1\.0/
  );
});

test('with a workspace that can not be read what the administrator decides is obeyed all the same', () => {
  becomeNewer('workspace.json');
  const { policy } = workspace.service;
  const server = {};
  policy.join(server, 'Jupyter', { egress: false });
  assert.equal(policy.allows('egress'), false);
  policy.leave(server);
  assert.equal(policy.allows('egress'), true);
});
