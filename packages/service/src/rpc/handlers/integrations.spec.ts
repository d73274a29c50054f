import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';

import type { Params } from '@underpass/protocol';

import { ServiceError } from '../../serviceError.js';
import { NamedServers, said } from '../../testing/namedServers.js';
import { Sshd } from '../../testing/sshd.js';
import { TestWorkspace } from '../../testing/workspace.js';

let sshd: Sshd;
let servers: NamedServers;
/** Their ports. */
let first: number;
let second: number;
let workspace: TestWorkspace;

before(async () => {
  sshd = await Sshd.start();
  servers = await NamedServers.start('first', 'second');
  [first = 0, second = 0] = servers.ports;
});
after(async () => {
  servers.close();
  await sshd.remove();
});
beforeEach(async () => {
  workspace = new TestWorkspace();
  await workspace.trust(sshd);
});
afterEach(() => workspace.remove());

const update = (
  integration: string,
  change: Omit<
    Params<'underpass/integrations/update'>,
    'folder' | 'integration'
  >
) =>
  workspace.request('underpass/integrations/update', {
    folder: workspace.folder,
    integration,
    ...change
  });

const ensure = (integration: string) =>
  workspace.request('underpass/ensure', {
    folder: workspace.folder,
    integration
  });

const refused = (code: string, field: string) => (error: unknown) => {
  assert.ok(error instanceof ServiceError);
  assert.deepEqual(
    [error.failure.code, error.failure.detail?.field],
    [code, field]
  );
  return true;
};

const database = {
  host: '127.0.0.1',
  user: 'me',
  database: 'shop'
};
const overSsh = () => ({
  ...database,
  port: first,
  sshEnabled: true,
  sshHost: sshd.host,
  sshPort: sshd.port,
  sshUser: sshd.user
});

const addDatabase = (fields: Params<'underpass/integrations/add'>['fields']) =>
  workspace.request('underpass/integrations/add', {
    folder: workspace.folder,
    type: 'postgresql',
    name: 'My DB',
    fields,
    secrets: { password: 'opensesame' }
  });

test('another server behind the same bastion is reached on the same port, and sockets to the former one are reset', async () => {
  const added = await workspace.addTunnel('Echo', sshd, first);
  const port = added.forward?.localPort ?? 0;
  const before = await ensure('Echo');
  const former = connect(port, '127.0.0.1');
  assert.equal(await said(former), 'first');
  const reset = once(former, 'error');
  const updated = await update('Echo', {
    fields: { ...added.fields, remotePort: second }
  });
  assert.equal(updated.forward?.localPort, port);
  assert.equal(((await reset)[0] as NodeJS.ErrnoException).code, 'ECONNRESET');
  const fresh = connect(port, '127.0.0.1');
  assert.equal(await said(fresh), 'second');
  fresh.destroy();
  // What a kernel compares before it uses a pooled connection.
  assert.notDeepEqual(await ensure('Echo'), before);
});

test('a new name or password disturbs no socket, and the kernel is told of both', async () => {
  const added = await addDatabase(overSsh());
  const before = await ensure('My DB');
  const socket = connect(before.endpoint.port, '127.0.0.1');
  assert.equal(await said(socket), 'first');
  const updated = await update('My DB', {
    name: 'Shop',
    secrets: { password: 'changed' }
  });
  assert.deepEqual(updated.aliases, ['My DB']);
  assert.equal(updated.id, added.id);
  const now = await ensure('my db');
  assert.equal(now.integration.name, 'Shop');
  assert.deepEqual(now.secrets, { password: 'changed' });
  assert.equal(now.generation, before.generation);
  assert.equal(now.endpoint.port, before.endpoint.port);
  assert.equal(socket.destroyed, false);
  socket.destroy();
  // Variables have the new name only.
  const { variables } = await workspace.request('underpass/environment', {
    folder: workspace.folder
  });
  assert.deepEqual(
    Object.keys(variables).filter(name => name.endsWith('_LOCAL_PORT')),
    ['SHOP_LOCAL_PORT']
  );
});

test('SSH switched off closes the port, and switched on opens one', async () => {
  const added = await addDatabase(overSsh());
  const { localPort = 0 } = added.forward ?? {};
  const without = await update('My DB', { fields: database });
  assert.equal(without.forward, undefined);
  const refusedSocket = connect(localPort, '127.0.0.1');
  const [error] = (await once(refusedSocket, 'error')) as [
    NodeJS.ErrnoException
  ];
  assert.equal(error.code, 'ECONNREFUSED');
  const again = await update('My DB', { fields: overSsh() });
  const socket = connect(again.forward?.localPort ?? 0, '127.0.0.1');
  assert.equal(await said(socket), 'first');
  socket.destroy();
});

test('an update while the port is being bound leads to the new server', async () => {
  const kept = once(workspace.service.store, 'integrations');
  const adding = workspace.addTunnel('Echo', sshd, first);
  await kept;
  const { fields } = workspace.service.store.find('Echo');
  const updating = [first, second].map(remotePort =>
    update('Echo', { fields: { ...fields, remotePort } })
  );
  await Promise.all([adding, ...updating]);
  const { endpoint } = await ensure('Echo');
  const socket = connect(endpoint.port, '127.0.0.1');
  assert.equal(await said(socket), 'second');
  socket.destroy();
  const { forwards } = await workspace.request('underpass/status', {});
  assert.equal(forwards.length, 1);
});

test('secrets left out or empty stay, null removes them, and what is wrong changes nothing', async () => {
  await addDatabase(database);
  const secrets = async () => (await ensure('My DB')).secrets;
  await update('My DB', { fields: { ...database, host: 'db' } });
  await update('My DB', { secrets: { password: '' } });
  assert.deepEqual(await secrets(), { password: 'opensesame' });
  for (const [change, field] of [
    [{ fields: { ...database, port: 0 } }, 'port'],
    [{ fields: { ...database, password: 'x' } }, 'password'],
    [{ secrets: { passwort: 'x' } }, 'passwort'],
    [{ secrets: { clientKey: 'no key', password: 'new' } }, 'clientKey'],
    [{ name: '-x', secrets: { password: 'new' } }, 'name'],
    [{ aliases: ['x'], secrets: { password: 'new' } }, 'aliases']
  ] as const) {
    await assert.rejects(
      update('My DB', change as Parameters<typeof update>[1]),
      refused('invalid-field', field)
    );
  }
  assert.deepEqual(await secrets(), { password: 'opensesame' });
  const { fields } = await workspace.request('underpass/integrations/get', {
    folder: workspace.folder,
    integration: 'My DB'
  });
  assert.equal(fields.host, 'db');
  const removed = await update('My DB', { secrets: { password: null } });
  assert.deepEqual(removed.secretsSet, []);
  assert.deepEqual(workspace.service.store.vault.names(), ['workspace-key']);
});

test('a secret that can not be read any more is replaced by typing it again', async () => {
  await addDatabase(database);
  rmSync(join(workspace.folder, 'master.key'));
  workspace.restart();
  await update('My DB', { fields: { ...database, host: 'db' } });
  await update('My DB', { secrets: { password: 'again' } });
  assert.deepEqual((await ensure('My DB')).secrets, { password: 'again' });
});

test('a copy has secrets and a port of its own, and is connected as the original is', async () => {
  const original = await addDatabase(overSsh());
  const duplicate = (name?: string) =>
    workspace.request('underpass/integrations/duplicate', {
      folder: workspace.folder,
      integration: 'My DB',
      ...(name === undefined ? {} : { name })
    });
  const copy = await duplicate();
  assert.equal(copy.name, 'My DB copy');
  assert.ok(copy.connected);
  assert.notEqual(copy.forward?.localPort, original.forward?.localPort);
  assert.deepEqual((await ensure('My DB copy')).secrets, {
    password: 'opensesame'
  });
  await workspace.request('underpass/integrations/disconnect', {
    folder: workspace.folder,
    integration: 'My DB'
  });
  assert.equal((await duplicate()).connected, false);
  await assert.rejects(duplicate('my db'), refused('duplicate-name', 'name'));
});

test('every change is hinted at', async () => {
  const { id, fields } = await workspace.addTunnel('Echo', sshd, first);
  const hints: string[] = [];
  workspace.service.on('changed', ({ topic, id: about }) =>
    hints.push(`${topic} ${about === id}`)
  );
  await update('Echo', { name: 'Renamed' });
  assert.deepEqual(hints, ['integrations true']);
  const hinted = once(workspace.service.tunnels, 'changed');
  await update('Renamed', {
    fields: { ...fields, remotePort: second }
  });
  await hinted;
});
