import assert from 'node:assert/strict';
import { test } from 'node:test';

import { TestWorkspace } from '../../testing/workspace.js';

test('each bastion gets a line with the targets of exactly the integrations that use it', async () => {
  const workspace = new TestWorkspace();
  try {
    const add = (
      name: string,
      type: string,
      fields: { [field: string]: string | number | boolean }
    ) =>
      workspace.request('underpass/integrations/add', {
        folder: workspace.folder,
        type,
        name,
        fields
      });
    const by = (sshHost: string, sshUser = 'tunnel') => ({
      sshEnabled: true,
      sshHost,
      sshUser
    });
    const postgresql = { user: 'me', database: 'shop' };
    await add('One', 'postgresql', {
      ...postgresql,
      host: 'db1',
      ...by('east')
    });
    await add('Two', 'postgresql', {
      ...postgresql,
      host: 'fd00::7',
      port: 5433,
      ...by('east')
    });
    await add('Other user', 'postgresql', {
      ...postgresql,
      host: 'db3',
      ...by('east', 'other')
    });
    await add('Direct', 'postgresql', { ...postgresql, host: 'db4' });
    const { id } = await add('Set', 'mongodb', {
      connectionString: 'mongodb://mongo1,mongo2:27018/?replicaSet=rs0',
      ...by('west')
    });
    const lines = async () =>
      Object.fromEntries(
        (await workspace.request('underpass/key/show', {})).bastions.map(
          ({ user, host, port, integrations, authorizedKeys }) => [
            `${user}@${host}:${port}`,
            [
              integrations.join(),
              [...authorizedKeys.matchAll(/permitopen="([^"]*)"/g)]
                .map(match => match[1])
                .join()
            ]
          ]
        )
      );
    const before = await lines();
    assert.deepEqual(before['tunnel@east:22'], [
      'One,Two',
      'db1:5432,[fd00::7]:5433'
    ]);
    assert.deepEqual(before['other@east:22'], ['Other user', 'db3:5432']);
    assert.match(
      before['tunnel@west:22']?.[1] ?? '',
      /^mongo1:27017,mongo2:27018$/
    );
    assert.equal(Object.keys(before).length, 3);
    // A member of the replica set that was found later.
    await workspace.service.tunnels.peer(workspace.service.store.find(id), {
      host: 'mongo9',
      port: 27019
    });
    assert.match(
      (await lines())['tunnel@west:22']?.[1] ?? '',
      /,mongo9:27019$/
    );
  } finally {
    workspace.remove();
  }
});
