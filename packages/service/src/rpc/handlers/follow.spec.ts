/** Forwards follow what becomes of the workspace, by whomever. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';

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

test('what another host changes is followed: the forward leads to the new server, and ends when it is removed', async () => {
  const other = new TestWorkspace(workspace.folder);
  const added = await workspace.addTunnel('Echo', sshd, first);
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
    fields: { ...added.fields, remotePort: second }
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
  const { forward } = await workspace.addTunnel('Echo', sshd, first);
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
  const { id } = await workspace.addTunnel('Echo', sshd, first);
  await workspace.addTunnel('Other', sshd, second);
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
