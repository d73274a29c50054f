import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { Sshd } from '../testing/sshd.js';
import { TestWorkspace } from '../testing/workspace.js';

let sshd: Sshd;
const servers: Server[] = [];
const ports: number[] = [];

before(async () => {
  sshd = await Sshd.start();
  for (const name of ['first', 'second']) {
    const server = createServer(socket => socket.end(name));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    servers.push(server);
    ports.push(typeof address === 'object' && address ? address.port : 0);
  }
});

after(async () => {
  servers.forEach(server => server.close());
  await sshd.remove();
});

async function withReplicaSet(
  run: (workspace: TestWorkspace) => Promise<void>
): Promise<void> {
  const workspace = new TestWorkspace();
  try {
    await workspace.trust(sshd);
    await workspace.request('underpass/integrations/add', {
      folder: workspace.folder,
      type: 'mongodb',
      name: 'Set',
      fields: {
        host: '127.0.0.1',
        port: ports[0] ?? 0,
        sshEnabled: true,
        sshHost: sshd.host,
        sshPort: sshd.port,
        sshUser: sshd.user
      }
    });
    await run(workspace);
  } finally {
    workspace.remove();
  }
}

const ensure = (workspace: TestWorkspace) =>
  workspace.request('underpass/ensure', {
    folder: workspace.folder,
    integration: 'Set'
  });

const peer = (workspace: TestWorkspace, port = ports[1] ?? 0) =>
  workspace.request('underpass/ensurePeer', {
    integration: 'Set',
    host: '127.0.0.1',
    port
  });

async function greeting(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const [text] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return text.toString();
}

const refused = (error: unknown) =>
  error instanceof ServiceError && error.failure.code === 'forward-refused';

test('a further server gets a forward of its own over the same session', async () => {
  await withReplicaSet(async workspace => {
    const own = await ensure(workspace);
    const logins = sshd.logins;
    const [one, two] = await Promise.all([peer(workspace), peer(workspace)]);
    assert.deepEqual(one, two);
    assert.equal(one.generation, own.generation);
    assert.equal(await greeting(own.endpoint.port), 'first');
    assert.equal(await greeting(one.endpoint.port), 'second');
    assert.equal(sshd.logins, logins);
    const { forwards } = await workspace.request('underpass/status', {});
    assert.deepEqual(
      forwards.map(({ integration, remotePort }) => [integration, remotePort]),
      [
        ['Set', ports[0]],
        ['Set', ports[1]]
      ]
    );
  });
});

test('the server itself is no further one', async () => {
  await withReplicaSet(async workspace => {
    const { endpoint } = await ensure(workspace);
    assert.deepEqual((await peer(workspace, ports[0])).endpoint, endpoint);
  });
});

test('the port comes back with the next service', async () => {
  await withReplicaSet(async workspace => {
    await ensure(workspace);
    const { endpoint } = await peer(workspace);
    workspace.restart();
    await ensure(workspace);
    assert.deepEqual((await peer(workspace)).endpoint, endpoint);
  });
});

test('it ends with the integration', async () => {
  await withReplicaSet(async workspace => {
    await ensure(workspace);
    const { endpoint } = await peer(workspace);
    await workspace.request('underpass/integrations/remove', {
      integration: 'Set'
    });
    const socket = connect(endpoint.port, '127.0.0.1');
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNREFUSED');
  });
});

test('ports of integrations that are gone are forgotten, those of their further servers too', async () => {
  await withReplicaSet(async workspace => {
    await ensure(workspace);
    await peer(workspace);
    const file = join(workspace.folder, 'ports.json');
    const kept = () =>
      Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object);
    assert.equal(kept().length, 2);
    await workspace.request('underpass/integrations/remove', {
      integration: 'Set'
    });
    const { id } = await workspace.addTunnel('Other', sshd, ports[0] ?? 0);
    assert.deepEqual(kept(), [id]);
  });
});

test('it is refused to types without such servers, and beyond a bound', async () => {
  await withReplicaSet(async workspace => {
    await ensure(workspace);
    await workspace.addTunnel('Other', sshd, ports[0] ?? 0);
    await assert.rejects(
      workspace.request('underpass/ensurePeer', {
        integration: 'Other',
        host: '127.0.0.1',
        port: ports[1] ?? 0
      }),
      refused
    );
    for (let port = 1; port <= 64; port++) {
      await peer(workspace, port);
    }
    await assert.rejects(peer(workspace, 65), refused);
  });
});
