import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { TestWorkspace } from '../../testing/workspace.js';

let workspace: TestWorkspace;

beforeEach(() => {
  workspace = new TestWorkspace();
});
afterEach(() => workspace.remove());

const add = (name: string) =>
  workspace.request('underpass/integrations/add', {
    folder: workspace.folder,
    type: 'ssh-tunnel',
    name,
    fields: {
      ...{ sshHost: 'bastion.invalid', sshUser: 'me' },
      ...{ remoteHost: 'db.internal', remotePort: 5432 }
    }
  });

test('one integration that can not be used takes no variables from the others', async () => {
  await add('Of the future');
  await add('Of today');
  const path = join(workspace.folder, 'workspace.json');
  const content = JSON.parse(readFileSync(path, 'utf8')) as {
    integrations: { name: string; type: string }[];
  };
  for (const integration of content.integrations) {
    if (integration.name === 'Of the future') {
      integration.type = 'wormhole';
    }
  }
  writeFileSync(path, JSON.stringify(content));
  workspace.restart();
  const { folder } = workspace;
  const { variables } = await workspace.request('underpass/environment', {
    folder
  });
  assert.ok('OF_TODAY_LOCAL_PORT' in variables);
  assert.ok(!Object.keys(variables).some(name => /FUTURE/.test(name)));
  await workspace.request('underpass/integrations/prewarm', {
    folder,
    integrations: ['Of the future', 'Of today']
  });
});
