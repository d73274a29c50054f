import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { EchoTunnel, say } from '../testing/echoTunnel.js';
import { freePort, type Sshd } from '../testing/sshd.js';
import { TestWorkspace } from '../testing/workspace.js';

let tunnel: EchoTunnel;
let sshd: Sshd;
before(async () => {
  tunnel = await EchoTunnel.start();
  sshd = tunnel.sshd;
});
after(() => tunnel.stop());

const code = (expected: string) => (error: unknown) =>
  error instanceof ServiceError && error.failure.code === expected;

const ensure = (workspace: TestWorkspace, integration = 'Echo') =>
  workspace.request('underpass/ensure', {
    folder: workspace.folder,
    integration
  });

test('two forwards and many sockets share one SSH login', async () => {
  await tunnel.use(async (workspace, port) => {
    const before = sshd.logins;
    const second = await workspace.addTunnel('Second', sshd, tunnel.echoPort);
    const sockets = [port, port, second.forward?.localPort ?? 0].map(to =>
      connect(to, '127.0.0.1')
    );
    assert.deepEqual(
      await Promise.all(sockets.map(socket => say(socket, 'hello'))),
      ['hello', 'hello', 'hello']
    );
    assert.equal(sshd.logins, before + 1);
    sockets.forEach(socket => socket.destroy());
  });
});

test('a half-closed socket still gets the rest of the answer', async () => {
  await tunnel.use(async (_, port) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', chunk => chunks.push(chunk));
    socket.end('the last words');
    await once(socket, 'end');
    assert.equal(Buffer.concat(chunks).toString(), 'the last words');
  });
});

test('a lost session resets its sockets, and the next one works on the same port with a higher generation', async () => {
  await tunnel.use(async (workspace, port) => {
    const { generation } = await ensure(workspace);
    const socket = connect(port, '127.0.0.1');
    await say(socket, 'hello');
    const broken = once(socket, 'error');
    await sshd.down();
    const [error] = (await broken) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNRESET');
    await sshd.up();
    const again = await ensure(workspace);
    assert.equal(again.endpoint.port, port);
    assert.ok(again.generation > generation);
  });
});

test('a socket accepted while the bastion is away is served once it is back', async () => {
  await tunnel.use(async (workspace, port) => {
    await ensure(workspace);
    const { session } = (await workspace.forward('Echo')) ?? {};
    await sshd.down();
    // A socket that comes before the loss is noticed is lost with the session.
    while (session?.state.kind === 'up') {
      await once(session, 'changed');
    }
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const answer = say(socket, 'patience');
    while (session?.state.kind !== 'waiting' || session.state.attempt < 2) {
      await once(session as NonNullable<typeof session>, 'changed');
    }
    await sshd.up();
    assert.equal(await answer, 'patience');
    socket.destroy();
  });
});

test('an integration that is removed while its port is being bound leaves nothing behind', async () => {
  const workspace = new TestWorkspace();
  try {
    const kept = once(workspace.service.store, 'integrations');
    const adding = workspace.addTunnel('Echo', sshd, tunnel.echoPort);
    await kept;
    await workspace.request('underpass/integrations/remove', {
      integration: 'Echo'
    });
    await assert.rejects(adding, code('forward-refused'));
    const { forwards } = await workspace.request('underpass/status', {});
    assert.deepEqual(forwards, []);
  } finally {
    workspace.remove();
  }
});

test('a restarted service binds the same port before anybody asks, and its generation is higher', async () => {
  await tunnel.use(async (workspace, port) => {
    const { generation } = await ensure(workspace);
    workspace.restart();
    await workspace.service.tunnels.restore();
    const socket = connect(port, '127.0.0.1');
    assert.equal(await say(socket, 'again'), 'again');
    assert.ok((await ensure(workspace)).generation > generation);
    socket.destroy();
  });
});

test('a session that was given up is idle at once, and comes back when it is needed', async () => {
  await tunnel.use(async (workspace, port) => {
    const { generation } = await ensure(workspace);
    const { session } = (await workspace.forward('Echo')) ?? {};
    session?.rest();
    assert.equal(session?.state.kind, 'idle');
    const socket = connect(port, '127.0.0.1');
    assert.equal(await say(socket, 'back'), 'back');
    assert.ok((await ensure(workspace)).generation > generation);
    socket.destroy();
  });
});

test('an unknown host key fails an unattended run with the command that approves it', async () => {
  const workspace = new TestWorkspace();
  try {
    await workspace.addTunnel('Echo', sshd, tunnel.echoPort);
    await assert.rejects(ensure(workspace), error => {
      assert.ok(error instanceof ServiceError);
      assert.equal(error.failure.code, 'host-key-unknown');
      assert.ok(
        error.failure.fix.includes(
          `underpass hostkey approve ${sshd.host}:${sshd.port} ${sshd.fingerprint}`
        )
      );
      return true;
    });
  } finally {
    workspace.remove();
  }
});

test('where a person can be asked, the query waits for the approval and then goes on', async () => {
  const workspace = new TestWorkspace();
  try {
    workspace.client.approves = true;
    const { publicKey } = await workspace.request('underpass/key/show', {});
    sshd.authorize(publicKey);
    await workspace.addTunnel('Echo', sshd, tunnel.echoPort);
    const asked = once(workspace.service.hostKeys, 'prompts');
    const ready = ensure(workspace);
    await asked;
    const { prompts } = await workspace.request('underpass/prompts/list', {});
    assert.deepEqual(
      prompts.map(({ fingerprint, integrations, status }) => ({
        fingerprint,
        integrations,
        status
      })),
      [
        {
          fingerprint: sshd.fingerprint,
          integrations: ['Echo'],
          status: 'unknown'
        }
      ]
    );
    await workspace.request('underpass/hostKeys/approve', {
      host: sshd.host,
      port: sshd.port,
      fingerprint: sshd.fingerprint
    });
    assert.equal((await ready).tunnelled, true);
    assert.ok(
      workspace.messages.includes('waiting for approval in Integrations')
    );
  } finally {
    workspace.remove();
  }
});

test('a rejected host key fails what waits for it at once, and what follows, without another question', async () => {
  const workspace = new TestWorkspace();
  try {
    workspace.client.approves = true;
    await workspace.addTunnel('Echo', sshd, tunnel.echoPort);
    const asked = once(workspace.service.hostKeys, 'prompts');
    const refused = assert.rejects(
      ensure(workspace),
      code('host-key-rejected')
    );
    const [id] = (await asked) as [string];
    await workspace.request('underpass/prompts/reject', { id });
    await refused;
    const { state } = (await workspace.forward('Echo'))?.session ?? {};
    assert.ok(state?.kind === 'failed');
    assert.equal(state.cause.code, 'host-key-rejected');
    await assert.rejects(ensure(workspace), code('host-key-rejected'));
    assert.deepEqual(workspace.service.hostKeys.pending(), []);
  } finally {
    workspace.remove();
  }
});

test('a changed host key is refused and can not be approved over the old one', async () => {
  await tunnel.use(async workspace => {
    await sshd.down();
    sshd.newHostKey();
    await sshd.up();
    await assert.rejects(ensure(workspace), code('host-key-changed'));
    await assert.rejects(
      workspace.request('underpass/hostKeys/approve', {
        host: sshd.host,
        port: sshd.port,
        fingerprint: sshd.fingerprint
      }),
      code('host-key-changed')
    );
  });
});

test('a bastion that does not know the key is named with the line to add, and is not asked again by sockets', async () => {
  const workspace = new TestWorkspace();
  try {
    await workspace.addTunnel('Echo', sshd, tunnel.echoPort);
    await workspace.request('underpass/hostKeys/approve', {
      host: sshd.host,
      port: sshd.port,
      fingerprint: sshd.fingerprint
    });
    const { publicKey } = await workspace.request('underpass/key/show', {});
    const before = sshd.connections;
    await assert.rejects(ensure(workspace), error => {
      assert.ok(error instanceof ServiceError);
      assert.equal(error.failure.code, 'auth-refused');
      assert.ok(error.failure.fix.includes(publicKey));
      return true;
    });
    const { integrations } = await workspace.request(
      'underpass/integrations/list',
      { folder: workspace.folder }
    );
    const socket = connect(
      integrations[0]?.forward?.localPort ?? 0,
      '127.0.0.1'
    );
    await once(socket, 'error');
    assert.equal(sshd.connections, before + 1);
  } finally {
    workspace.remove();
  }
});

test('the test of a connection stops at the stage that fails', async () => {
  const workspace = new TestWorkspace();
  try {
    await workspace.trust(sshd);
    await workspace.addTunnel('Nobody there', sshd, await freePort());
    const report = await workspace.request('underpass/integrations/test', {
      integration: 'Nobody there'
    });
    assert.equal(report.ok, false);
    assert.deepEqual(
      report.stages.map(({ stage, ok }) => [stage, ok]),
      [
        ['resolve', true],
        ['tcp', true],
        ['ssh-handshake', true],
        ['host-key', true],
        ['auth', true],
        ['forward', false]
      ]
    );
    const last = report.stages.at(-1);
    assert.ok(last && !last.ok && last.failure.code === 'forward-refused');
  } finally {
    workspace.remove();
  }
});

test('an integration that is not connected to the project is refused to its kernels', async () => {
  await tunnel.use(async workspace => {
    await workspace.request('underpass/integrations/disconnect', {
      folder: workspace.folder,
      integration: 'Echo'
    });
    await assert.rejects(ensure(workspace), code('not-connected'));
  });
});
