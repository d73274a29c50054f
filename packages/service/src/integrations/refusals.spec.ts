import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { TestWorkspace } from '../testing/workspace.js';

test('everything that is wrong with a form is told at once, the name and the bastion included', async t => {
  const workspace = new TestWorkspace();
  t.after(() => workspace.remove());
  const add = (name: string, fields: object, secrets = {}) =>
    workspace
      .request('underpass/integrations/add', {
        folder: '/nowhere',
        type: 'postgresql',
        name,
        fields: { ...fields },
        secrets
      })
      .then(
        () => assert.fail('was not refused'),
        (error: unknown) => {
          assert.ok(error instanceof ServiceError);
          const { code, message, detail } = error.failure;
          const all = (detail?.all ?? []) as { field: string }[];
          return [code, message, detail?.field, all.map(({ field }) => field)];
        }
      );
  const complete = { host: 'db', user: 'me', database: 'shop' };
  assert.deepEqual(
    await add(' ', {
      host: 'http://db',
      user: 'me',
      sshEnabled: true,
      options: { host: 'x', sslmode: 'y' }
    }),
    [
      'invalid-field',
      'Host must be a host name or an IP address alone, without a scheme, a port or a path.',
      'host',
      ['host', 'database', 'options', 'options', 'sshHost', 'sshUser', 'name']
    ]
  );
  assert.deepEqual(await add('x', { ...complete, database: '' }), [
    'invalid-field',
    'Database is required.',
    'database',
    []
  ]);
  await workspace.request('underpass/integrations/add', {
    folder: '/nowhere',
    type: 'postgresql',
    name: 'Shop',
    fields: complete
  });
  assert.deepEqual((await add('shop', complete)).slice(0, 1), [
    'duplicate-name'
  ]);
});
