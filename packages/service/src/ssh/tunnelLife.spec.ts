import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { EchoTunnel, listenAnywhere, say } from '../testing/echoTunnel.js';
import { Sshd } from '../testing/sshd.js';
import type { TestWorkspace } from '../testing/workspace.js';

let tunnel: EchoTunnel;
before(async () => {
  tunnel = await EchoTunnel.start();
});
after(() => tunnel.stop());

const ensure = (workspace: TestWorkspace) =>
  workspace.request('underpass/ensure', {
    folder: workspace.folder,
    integration: 'Echo'
  });

test('a changed integration leads to its new server on the same port, and resets the sockets to the former one', async () => {
  const other = createServer(socket => socket.end('another server'));
  const otherPort = await listenAnywhere(other);
  await tunnel.use(async (workspace, port) => {
    const stored = workspace.service.store.find('Echo');
    const former = connect(port, '127.0.0.1');
    await say(former, 'hello');
    const reset = once(former, 'error');
    const { tunnels } = workspace.service;
    await tunnels.change({
      ...stored,
      fields: { ...stored.fields, remotePort: otherPort }
    });
    const [error] = (await reset) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNRESET');
    const fresh = connect(port, '127.0.0.1');
    const [answer] = (await once(fresh, 'data')) as [Buffer];
    assert.equal(answer.toString(), 'another server');
  });
  other.close();
});

test('a changed bastion keeps the port and those who hold it, and the former session ends', async () => {
  const second = await Sshd.start();
  await tunnel.use(async (workspace, port) => {
    await workspace.trust(second);
    await ensure(workspace);
    const stored = workspace.service.store.find('Echo');
    await workspace.service.tunnels.change({
      ...stored,
      fields: { ...stored.fields, sshPort: second.port }
    });
    const socket = connect(port, '127.0.0.1');
    assert.equal(await say(socket, 'over there'), 'over there');
    assert.equal(second.logins, 1);
    const status = await workspace.request('underpass/status', {});
    assert.deepEqual(
      status.sessions.map(({ bastion }) => bastion),
      [`127.0.0.1:${second.port}`]
    );
    assert.deepEqual(status.forwards[0]?.consumers, ['test']);
    socket.destroy();
  });
  await second.remove();
});

test('what is saved without a change of the way there disturbs no socket, and without SSH the port is closed', async () => {
  await tunnel.use(async (workspace, port) => {
    const stored = workspace.service.store.find('Echo');
    const socket = connect(port, '127.0.0.1');
    await say(socket, 'hello');
    const { tunnels } = workspace.service;
    await tunnels.change({ ...stored, name: 'Renamed' });
    assert.equal(await say(socket, 'still here'), 'still here');
    const reset = once(socket, 'error');
    await tunnels.change({
      ...stored,
      type: 'postgresql',
      fields: { host: 'db', port: 5432, sshEnabled: false }
    });
    await reset;
    const [error] = (await once(connect(port, '127.0.0.1'), 'error')) as [
      NodeJS.ErrnoException
    ];
    assert.equal(error.code, 'ECONNREFUSED');
  });
});

test('a session rests when nobody has used it for a while, not while somebody holds it, and its port stays', async () => {
  await tunnel.use(async (workspace, port) => {
    const { tunnels } = workspace.service;
    tunnels.idle.milliseconds = 50;
    await ensure(workspace);
    const { session } = (await workspace.forward('Echo')) ?? {};
    assert.ok(session);
    await pause(200);
    assert.equal(session.state.kind, 'up');
    const rests = once(session, 'lost');
    workspace.service.leave(workspace.client);
    assert.deepEqual(await rests, ['idle']);
    const socket = connect(port, '127.0.0.1');
    assert.equal(await say(socket, 'back'), 'back');
    socket.destroy();
  });
});

test('the bytes of a forward and its session are counted, of open sockets and of closed ones', async () => {
  await tunnel.use(async (workspace, port) => {
    const traffic = async () => {
      const { forwards, sessions } = await workspace.request(
        'underpass/status',
        {}
      );
      return [forwards[0], sessions[0]].map(one => [
        one?.bytesSent,
        one?.bytesReceived
      ]);
    };
    const socket = connect(port, '127.0.0.1');
    await say(socket, 'twelve bytes');
    assert.deepEqual(await traffic(), [
      [12, 12],
      [12, 12]
    ]);
    const ended = once(socket, 'close');
    socket.end();
    await ended;
    const second = connect(port, '127.0.0.1');
    await say(second, 'six more'.slice(0, 6));
    assert.deepEqual(await traffic(), [
      [18, 18],
      [18, 18]
    ]);
    second.destroy();
  });
});
