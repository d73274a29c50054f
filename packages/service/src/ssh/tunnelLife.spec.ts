import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { EchoTunnel, listenAnywhere, say } from '../testing/echoTunnel.js';
import { Sshd } from '../testing/sshd.js';
import { TestWorkspace } from '../testing/workspace.js';

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

test('a tunnel that is shut down resets its sockets and leaves its bastion, keeps its port, and comes back with its next use', async () => {
  await tunnel.use(async (workspace, port) => {
    const before = await ensure(workspace);
    const socket = connect(port, '127.0.0.1');
    await say(socket, 'hello');
    const reset = once(socket, 'error');
    const { session } = (await workspace.forward('Echo')) ?? {};
    assert.ok(session);
    const left = once(session, 'lost');
    await workspace.request('underpass/tunnels/close', { integration: 'Echo' });
    const [error] = (await reset) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNRESET');
    assert.deepEqual(await left, ['closed']);
    const stated = await workspace.request('underpass/status', {});
    assert.equal(stated.forwards[0]?.state.kind, 'idle');
    assert.deepEqual(stated.forwards[0].consumers, []);
    assert.equal(stated.sessions[0]?.state, 'idle');

    const again = connect(port, '127.0.0.1');
    assert.equal(await say(again, 'back'), 'back');
    again.destroy();
    const after = await ensure(workspace);
    assert.equal(after.endpoint.port, before.endpoint.port);
    assert.ok(after.generation > before.generation);
  });
});

test('a tunnel that is shut down leaves the others of its session alone, and connections through it are told from later ones', async () => {
  await tunnel.use(async (workspace, port) => {
    const other = await workspace.addTunnel(
      'Other',
      tunnel.sshd,
      tunnel.echoPort
    );
    const before = await ensure(workspace);
    const neighbour = connect(other.forward?.localPort ?? 0, '127.0.0.1');
    await say(neighbour, 'hello');
    const socket = connect(port, '127.0.0.1');
    await say(socket, 'hello');
    const reset = once(socket, 'error');
    await workspace.request('underpass/tunnels/close', { integration: 'Echo' });
    await reset;
    const kinds = async () => {
      const { forwards } = await workspace.request('underpass/status', {});
      return Object.fromEntries(
        forwards.map(({ integration, state }) => [integration, state.kind])
      );
    };
    assert.deepEqual(await kinds(), { Echo: 'idle', Other: 'up' });
    assert.equal(await say(neighbour, 'still here'), 'still here');
    const after = await ensure(workspace);
    assert.ok(after.generation > before.generation);
    assert.deepEqual(await kinds(), { Echo: 'up', Other: 'up' });
    neighbour.destroy();
  });
});

test('a tunnel that waits for its bastion tries no more when it is shut down, until somebody uses it', async () => {
  const sshd = await Sshd.start();
  const workspace = new TestWorkspace();
  try {
    await workspace.trust(sshd);
    await workspace.addTunnel('Away', sshd, tunnel.echoPort);
    await sshd.down();
    const forward = await workspace.forward('Away');
    assert.ok(forward);
    const waits = new Promise<void>(resolve => {
      forward.session.on('changed', () => {
        if (forward.session.state.kind === 'waiting') {
          resolve();
        }
      });
    });
    const socket = connect(forward.localPort, '127.0.0.1');
    const reset = once(socket, 'error');
    await waits;
    await workspace.request('underpass/tunnels/close', { integration: 'Away' });
    await reset;
    assert.equal(forward.session.state.kind, 'idle');
    await sshd.up();
    const again = connect(forward.localPort, '127.0.0.1');
    assert.equal(await say(again, 'back'), 'back');
    again.destroy();
  } finally {
    workspace.remove();
    await sshd.remove();
  }
});

test('to shut down what is not open is no trouble', async () => {
  await tunnel.use(async workspace => {
    const close = () =>
      workspace.request('underpass/tunnels/close', { integration: 'Echo' });
    assert.deepEqual(await close(), {});
    assert.deepEqual(await close(), {});
    assert.ok((await ensure(workspace)).tunnelled);
  });
});
