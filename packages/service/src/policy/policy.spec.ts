import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';

import type { Changed, Failure } from '@underpass/protocol';

import { ServiceError } from '../serviceError.js';
import { Sshd } from '../testing/sshd.js';
import { TestWorkspace } from '../testing/workspace.js';

let workspace: TestWorkspace;
let sshd: Sshd;
let echo: Server;
let echoPort: number;
let certificate: string;

before(async () => {
  sshd = await Sshd.start();
  echo = createServer(socket => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const address = echo.address();
  echoPort = typeof address === 'object' && address ? address.port : 0;
  const file = join(sshd.folder, 'ca.pem');
  execFileSync(
    'openssl',
    [
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=CA',
      `-keyout /dev/null -out ${file}`
    ].flatMap(words => words.split(' ')),
    { stdio: 'ignore' }
  );
  certificate = readFileSync(file, 'utf8');
});

beforeEach(() => {
  workspace = new TestWorkspace();
});

afterEach(() => workspace.remove());

after(async () => {
  echo.close();
  await sshd.remove();
});

/** A Jupyter server with this configuration comes; gives what makes it go. */
function serverComes(admin: object) {
  const server = { ...workspace.client, name: 'JupyterLab in /home/me' };
  workspace.service.clients.add(server);
  workspace.service.policy.join(server, server.name, admin);
  return () => workspace.service.leave(server);
}

const database = {
  host: 'db.internal',
  user: 'me',
  database: 'shop',
  sslMode: 'strict'
};
const ssh = { sshEnabled: true, sshHost: 'bastion.internal', sshUser: 'me' };

const add = (
  name: string,
  fields: { [field: string]: string | boolean | number },
  type = 'postgresql'
) =>
  workspace.request('underpass/integrations/add', {
    folder: workspace.folder,
    type,
    name,
    fields
  });

async function refused(request: Promise<unknown>): Promise<Failure> {
  const error = await request.then(
    () => assert.fail('it was not refused'),
    (error: unknown) => error
  );
  assert.ok(error instanceof ServiceError, String(error));
  assert.equal(error.failure.code, 'switched-off');
  assert.match(error.failure.message, /switched off by the administrator/);
  return error.failure;
}

const namesOf = async () =>
  (await workspace.request('underpass/types/list', {})).types.map(
    ({ id }) => id
  );

const ensure = (integration: string) =>
  workspace.request('underpass/ensure', {
    folder: workspace.folder,
    integration
  });

test('without a policy everything is allowed', async () => {
  assert.deepEqual(await workspace.request('underpass/policy/show', {}), {
    sshTunnels: true,
    genericTunnel: true,
    caUpload: true,
    egress: true,
    from: [],
    problems: []
  });
});

test('what is switched off can not be added, and the refusal names field and administrator', async () => {
  serverComes({
    sshTunnels: false,
    genericTunnel: false,
    caUpload: false
  });
  const withSsh = await refused(add('A', { ...database, ...ssh }));
  assert.equal(withSsh.detail?.field, 'sshEnabled');
  assert.match(withSsh.message, /JupyterLab in \/home\/me/);
  const withCa = await refused(
    add('B', { ...database, caCertificate: certificate })
  );
  assert.equal(withCa.detail?.field, 'caCertificate');
  const tunnel = {
    ...{ sshHost: 'bastion', sshUser: 'me', remoteHost: 'db' },
    remotePort: 1
  };
  const generic = await refused(add('C', tunnel, 'ssh-tunnel'));
  assert.equal(generic.detail?.field, 'type');
  // Also as a command line sends them that does not know these fields any more.
  await refused(add('E', { ...database, sshEnabled: 'true' }));
  await refused(add('F', { remoteHost: 'db', remotePort: '1' }, 'ssh-tunnel'));
  await refused(
    workspace.request('underpass/integrations/parseUrl', {
      url: 'ssh://me@bastion'
    })
  );
  const { integrations } = await workspace.request(
    'underpass/integrations/list',
    { folder: workspace.folder }
  );
  assert.deepEqual(integrations, []);
  // And what needs none of it still can.
  const plain = await add('D', { ...database, sshEnabled: false });
  const ready = await ensure('D');
  assert.equal(ready.fields.sslMode, 'strict');
  assert.equal(ready.tunnelled, false);
  assert.equal(plain.unusable, undefined);
});

test('types lose what is switched off, so that forms do not show it', async () => {
  const all = await namesOf();
  const leave = serverComes({ genericTunnel: false });
  assert.deepEqual(
    await namesOf(),
    all.filter(id => id !== 'ssh-tunnel')
  );
  leave();
  serverComes({ sshTunnels: false, caUpload: false });
  const { types } = await workspace.request('underpass/types/list', {});
  assert.ok(!types.some(({ id }) => id === 'ssh-tunnel'));
  assert.equal(types.length, all.length - 1);
  for (const type of types) {
    const fields = Object.keys(type.schema.properties ?? {});
    assert.deepEqual(fields, type.order);
    assert.ok(!fields.some(field => /^ssh|^caC/.test(field)), type.id);
    assert.equal(type.ssh, 'none');
  }
  const postgresql = types.find(({ id }) => id === 'postgresql');
  assert.ok(postgresql?.order.includes('sslMode'));
});

test('an open forward is closed when a policy arrives, and comes back on its port when it goes', async () => {
  await workspace.trust(sshd);
  const { id, forward } = await workspace.addTunnel('Echo', sshd, echoPort);
  await ensure('Echo');
  const port = forward?.localPort ?? 0;
  const socket = connect(port, '127.0.0.1');
  socket.write('hello');
  await once(socket, 'data');

  const hints: Changed[] = [];
  workspace.service.on('changed', hint => hints.push(hint));
  const ended = once(socket, 'error');
  const leave = serverComes({ sshTunnels: false });
  const [error] = (await ended) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ECONNRESET');
  const topics = hints.map(({ topic }) => topic);
  assert.ok(topics.includes('policy') && topics.includes('integrations'));
  assert.equal(workspace.service.tunnels.entries().length, 0);
  const probe = connect(port, '127.0.0.1');
  const [failed] = (await once(probe, 'error')) as [NodeJS.ErrnoException];
  assert.equal(failed.code, 'ECONNREFUSED');

  // Listed, with the reason, and not to be used in any way.
  const { folder } = workspace;
  const listed = await workspace.request('underpass/integrations/list', {
    folder
  });
  assert.equal(listed.integrations[0]?.unusable?.code, 'switched-off');
  assert.equal(listed.integrations[0]?.typeLabel, 'SSH tunnel');
  assert.equal(listed.integrations[0]?.forward, undefined);
  assert.equal(listed.integrations[0]?.connected, true);
  await refused(ensure('Echo'));
  await refused(
    workspace.request('underpass/hold', { integrations: ['Echo'] })
  );
  await refused(
    workspace.request('underpass/integrations/connect', {
      folder,
      integration: 'Echo'
    })
  );
  await refused(
    workspace.request('underpass/integrations/howToUse', {
      integration: 'Echo'
    })
  );
  await refused(
    workspace.request('underpass/integrations/test', { integration: 'Echo' })
  );
  await workspace.request('underpass/integrations/prewarm', {
    folder,
    integrations: ['Echo']
  });
  const { variables } = await workspace.request('underpass/environment', {
    folder
  });
  assert.deepEqual(variables, {});
  workspace.restart();
  serverComes({ sshTunnels: false });
  await workspace.service.tunnels.restore();
  assert.equal(workspace.service.tunnels.entries().length, 0);

  leave();
  workspace.restart();
  const again = await workspace.request('underpass/integrations/get', {
    folder,
    integration: id
  });
  assert.equal(again.forward?.localPort, port);
  await ensure('Echo');
});

test('an integration with a CA of its own can not be used while those are switched off', async () => {
  await add('Own CA', { ...database, caCertificate: certificate });
  const leave = serverComes({ caUpload: false });
  const failure = await refused(ensure('Own CA'));
  assert.match(failure.message, /"Own CA" can not be used: Uploaded CA/);
  leave();
  await ensure('Own CA');
});

test('the restrictions of all places add up, and each goes with its place', async () => {
  const show = () => workspace.request('underpass/policy/show', {});
  const { policy } = workspace.service;
  const arrived = once(policy, 'changed');
  writeFileSync(workspace.policyFile, '{"egress": false, "typo": 1}');
  await arrived;
  const one = serverComes({ sshTunnels: false });
  const two = serverComes({ sshTunnels: false, caUpload: 'no' });
  const shown = await show();
  assert.deepEqual(
    [shown.sshTunnels, shown.genericTunnel, shown.caUpload, shown.egress],
    [false, true, false, false]
  );
  assert.equal(shown.from.length, 3);
  assert.equal(shown.from[0], workspace.policyFile);
  assert.equal(shown.problems.length, 2);
  one();
  assert.equal((await show()).sshTunnels, false);
  two();
  assert.equal((await show()).sshTunnels, true);
  const gone = once(policy, 'changed');
  rmSync(workspace.policyFile);
  await gone;
  assert.deepEqual((await show()).from, []);
});

test('a client says what its administrator decided when it introduces itself', async () => {
  const { problems } = await workspace.request('underpass/initialize', {
    protocolVersion: 1,
    client: { kind: 'jupyterlab', name: 'JupyterLab in /srv' },
    admin: { genericTunnel: false, egressAddresses: ['here'] }
  });
  assert.match(
    problems.join(),
    /^JupyterLab in \/srv: egressAddresses: "here" is a name/
  );
  const shown = await workspace.request('underpass/policy/show', {});
  assert.equal(shown.genericTunnel, false);
  assert.deepEqual(shown.problems, problems);
  workspace.service.leave(workspace.client);
  assert.equal(workspace.service.policy.allows('genericTunnel'), true);
});
