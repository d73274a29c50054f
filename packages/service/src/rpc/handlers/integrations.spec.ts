import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';

import type { Params } from '@underpass/protocol';

import { ServiceError } from '../../serviceError.js';
import { Sshd } from '../../testing/sshd.js';
import { TestWorkspace } from '../../testing/workspace.js';

let sshd: Sshd;
let servers: Server[];
let workspace: TestWorkspace;

/** Two servers that say which they are. */
before(async () => {
  sshd = await Sshd.start();
  servers = ['first', 'second'].map(name =>
    createServer(socket => socket.on('error', () => undefined).write(name))
  );
  for (const server of servers) {
    await once(server.listen(0, '127.0.0.1'), 'listening');
  }
});
after(async () => {
  servers.forEach(server => server.close());
  await sshd.remove();
});
beforeEach(async () => {
  workspace = new TestWorkspace();
  await workspace.trust(sshd);
});
afterEach(() => workspace.remove());

function portOf(server: Server | undefined): number {
  const address = server?.address();
  return typeof address === 'object' && address ? address.port : 0;
}

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

async function said(socket: Socket): Promise<string> {
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString();
}

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
  port: portOf(servers[0]),
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
  const added = await workspace.addTunnel('Echo', sshd, portOf(servers[0]));
  const port = added.forward?.localPort ?? 0;
  const before = await ensure('Echo');
  const former = connect(port, '127.0.0.1');
  assert.equal(await said(former), 'first');
  const reset = once(former, 'error');
  const updated = await update('Echo', {
    fields: { ...added.fields, remotePort: portOf(servers[1]) }
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
  const adding = workspace.addTunnel('Echo', sshd, portOf(servers[0]));
  await kept;
  const { fields } = workspace.service.store.find('Echo');
  const updating = [servers[0], servers[1]].map(server =>
    update('Echo', { fields: { ...fields, remotePort: portOf(server) } })
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
  const { id, fields } = await workspace.addTunnel(
    'Echo',
    sshd,
    portOf(servers[0])
  );
  const hints: string[] = [];
  workspace.service.on('changed', ({ topic, id: about }) =>
    hints.push(`${topic} ${about === id}`)
  );
  await update('Echo', { name: 'Renamed' });
  assert.deepEqual(hints, ['integrations true']);
  const hinted = once(workspace.service.tunnels, 'changed');
  await update('Renamed', {
    fields: { ...fields, remotePort: portOf(servers[1]) }
  });
  await hinted;
});

test('what another host changes is followed: the forward leads to the new server, and ends when it is removed', async () => {
  const other = new TestWorkspace(workspace.folder);
  const added = await workspace.addTunnel('Echo', sshd, portOf(servers[0]));
  await ensure('Echo');
  const hinted = new Promise<void>(resolve =>
    workspace.service.on(
      'changed',
      ({ topic }) => topic === 'integrations' && resolve()
    )
  );
  const list = () =>
    workspace.request('underpass/integrations/list', {
      folder: workspace.folder
    });
  await other.request('underpass/integrations/update', {
    folder: workspace.folder,
    integration: 'Echo',
    fields: { ...added.fields, remotePort: portOf(servers[1]) }
  });
  await list();
  await hinted;
  const { endpoint } = await ensure('Echo');
  const socket = connect(endpoint.port, '127.0.0.1');
  assert.equal(await said(socket), 'second');
  const reset = once(socket, 'error');
  await other.request('underpass/integrations/remove', { integration: 'Echo' });
  assert.deepEqual((await list()).integrations, []);
  await reset;
  other.service.tunnels.close();
});

test('projects are listed, also those whose folder is gone, and can be forgotten', async () => {
  const project = mkdtempSync(join(tmpdir(), 'underpass-project-'));
  const { forward } = await workspace.addTunnel(
    'Echo',
    sshd,
    portOf(servers[0])
  );
  const here = { folder: workspace.folder, integration: 'Echo' };
  await workspace.request('underpass/integrations/connect', {
    ...here,
    folder: project
  });
  rmSync(project, { recursive: true });
  const list = async () =>
    (await workspace.request('underpass/projects/list', {})).projects;
  assert.deepEqual(await list(), [
    { folder: workspace.folder, integrations: ['Echo'], exists: true },
    { folder: project, integrations: ['Echo'], exists: false }
  ]);
  await workspace.request('underpass/projects/forget', {
    project: workspace.folder
  });
  // Still connected to the other one.
  const socket = connect(forward?.localPort ?? 0, '127.0.0.1');
  assert.equal(await said(socket), 'first');
  const reset = once(socket, 'error');
  await workspace.request('underpass/projects/forget', { project });
  await reset;
  assert.deepEqual(await list(), []);
  await assert.rejects(
    workspace.request('underpass/projects/forget', { project }),
    refused('unknown-project', 'project')
  );
  const file = readFileSync(join(workspace.folder, 'workspace.json'), 'utf8');
  assert.ok(!file.includes(project));
});

test('a forward whose integration was lost with a damaged file is closed, and the service says what it has', async () => {
  const { id } = await workspace.addTunnel('Echo', sshd, portOf(servers[0]));
  await workspace.addTunnel('Other', sshd, portOf(servers[1]));
  const { endpoint } = await ensure('Echo');
  const socket = connect(endpoint.port, '127.0.0.1');
  assert.equal(await said(socket), 'first');
  const reset = once(socket, 'error');
  const path = join(workspace.folder, 'workspace.json');
  const file = JSON.parse(readFileSync(path, 'utf8')) as {
    integrations: { id: string }[];
    checksum?: string;
  };
  delete file.checksum;
  file.integrations = file.integrations.filter(kept => kept.id !== id);
  writeFileSync(path, JSON.stringify(file));
  await workspace.request('underpass/status', {});
  await reset;
  const { forwards } = await workspace.request('underpass/status', {});
  assert.deepEqual(
    forwards.map(({ integration }) => integration),
    ['Other']
  );
});
