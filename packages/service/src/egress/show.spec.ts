import assert from 'node:assert/strict';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import type { Changed } from '@underpass/protocol';

import { ServiceError } from '../serviceError.js';
import { TestWorkspace } from '../testing/workspace.js';

let workspace: TestWorkspace;
let alive: NodeJS.Timeout;

beforeEach(() => {
  workspace = new TestWorkspace();
  // Looking at the policy file keeps no process alive.
  alive = setInterval(() => undefined, 1000);
});
afterEach(() => {
  clearInterval(alive);
  workspace.remove();
});

const show = (params = {}) =>
  workspace.request('underpass/egress/show', params);
const set = (...addresses: string[]) =>
  Promise.resolve().then(() =>
    workspace.request('underpass/egress/set', { addresses })
  );
const add = (type: string, name: string, fields: object) =>
  workspace.request('underpass/integrations/add', {
    folder: workspace.folder,
    type,
    name,
    fields: fields as Record<string, string>
  });
const code = (expected: string, message: RegExp) => (error: unknown) =>
  error instanceof ServiceError &&
  error.failure.code === expected &&
  message.test(error.failure.message);

const database = { host: 'db.internal', user: 'me', database: 'shop' };

test('without a list it says so, and shows addresses of this machine', async () => {
  const shown = await show();
  assert.equal(shown.source, 'none');
  assert.deepEqual(shown.addresses, []);
  assert.match(shown.note, /^Nobody has said/);
  const mine = Object.values(networkInterfaces())
    .flatMap(addresses => addresses ?? [])
    .map(({ address }) => address);
  assert.ok(shown.ownAddresses.length > 0);
  for (const address of shown.ownAddresses) {
    assert.notEqual(isIP(address), 0);
    assert.ok(mine.includes(address), address);
    assert.ok(!/^(127\.|::1$|fe80:)/.test(address), address);
  }
  assert.match(shown.note, /behind NAT, the world sees another one/);
  assert.match(shown.findOut, /^curl /);
  for (const { id, steps, command } of shown.guides) {
    assert.match(command, /ADDRESS/, id);
    assert.match(steps.join(' '), /in the place of ADDRESS/, id);
  }
});

test('the address that leads outwards is the first one', async () => {
  // What the kernel's routing table says, in its own way of writing addresses.
  const interfaceOf = readFileSync('/proc/net/route', 'utf8')
    .split('\n')
    .map(line => line.split('\t'))
    .find(([, destination]) => destination === '00000000')?.[0];
  const expected = networkInterfaces()[interfaceOf ?? '']?.find(
    ({ family }) => family === 'IPv4'
  )?.address;
  assert.ok(expected);
  assert.equal((await show()).ownAddresses[0], expected);
});

test('what the user sets is kept, shown in order, and hinted at', async () => {
  const hints: Changed[] = [];
  workspace.service.on('changed', hint => hints.push(hint));
  const { addresses, remarks } = await set('9.9.9.9, 1.1.1.1/24', '9.9.9.9');
  assert.deepEqual(addresses, ['9.9.9.9', '1.1.1.0/24']);
  assert.equal(remarks.length, 1);
  assert.deepEqual(
    hints.map(({ topic }) => topic),
    ['policy']
  );
  workspace.restart();
  const shown = await show();
  assert.equal(shown.source, 'user');
  assert.deepEqual(shown.addresses, ['9.9.9.9', '1.1.1.0/24']);
  assert.equal(shown.guides.length, 4);
  await set();
  assert.equal((await show()).source, 'none');
});

test('an entry that is none refuses the list, names itself, and keeps what was there', async () => {
  await set('9.9.9.9');
  await assert.rejects(
    () => set('1.1.1.1', 'db.example.org'),
    code('invalid-field', /"db.example.org" is a name/)
  );
  assert.deepEqual((await show()).addresses, ['9.9.9.9']);
});

test("the administrator's list wins, and can not be edited", async () => {
  await set('9.9.9.9');
  const { policy } = workspace.service;
  const arrived = once(policy, 'changed');
  writeFileSync(
    workspace.policyFile,
    '{"egressAddresses": ["1.1.1.1", "10.0.0.1"]}'
  );
  await arrived;
  policy.join(workspace.client, 'JupyterLab in /srv', {
    egressAddresses: ['8.8.8.8', '1.1.1.1']
  });
  const shown = await show();
  assert.equal(shown.source, 'admin');
  assert.deepEqual(shown.addresses, ['1.1.1.1', '10.0.0.1', '8.8.8.8']);
  assert.deepEqual(shown.from, [workspace.policyFile, 'JupyterLab in /srv']);
  assert.match(shown.remarks.join(), /10.0.0.1 is a private address/);
  await assert.rejects(
    () => set('7.7.7.7'),
    code('switched-off', /The administrator gives/)
  );
  policy.leave(workspace.client);
  const gone = once(policy, 'changed');
  rmSync(workspace.policyFile);
  await gone;
  // And what the user had is there again.
  assert.deepEqual((await show()).addresses, ['9.9.9.9']);
});

test('switched off, it says nothing and takes nothing', async () => {
  await set('9.9.9.9');
  workspace.service.policy.join(workspace.client, 'JupyterLab', {
    egress: false,
    egressAddresses: ['1.1.1.1']
  });
  const shown = await show();
  assert.equal(shown.enabled, false);
  assert.deepEqual(
    [shown.addresses, shown.ownAddresses, shown.guides],
    [[], [], []]
  );
  assert.deepEqual(shown.from, ['JupyterLab']);
  await assert.rejects(
    () => set('7.7.7.7'),
    code('switched-off', /Egress addresses are switched off/)
  );
});

test('guides fit the integration: its port, and none that is not for it', async () => {
  await set('9.9.9.9');
  await add('mysql', 'My', { ...database, port: 3307 });
  const mysql = await show({ integration: 'my' });
  assert.deepEqual(
    mysql.guides.map(({ id }) => id),
    ['aws-security-group', 'google-vpc-firewall']
  );
  assert.match(mysql.guides[0]?.command ?? '', /"FromPort":3307/);
  assert.match(mysql.guides[1]?.command ?? '', /--allow=tcp:3307/);
  assert.match(mysql.guides[0]?.steps.join(' ') ?? '', /"My"/);
  await add('snowflake', 'Flake', { account: 'a-b', user: 'me' });
  const snowflake = await show({ integration: 'Flake' });
  assert.deepEqual(
    snowflake.guides.map(({ id }) => id),
    ['snowflake-network-policy']
  );
});

test('with SSH, the addresses are for the bastion, and its own one for the database', async () => {
  await set('9.9.9.9');
  const ssh = { sshEnabled: true, sshUser: 'me', sshPort: 2222 };
  await add('postgresql', 'Behind', {
    ...{ ...database, ...ssh },
    sshHost: 'bastion.example.org'
  });
  const shown = await show({ integration: 'Behind' });
  assert.deepEqual(shown.bastion, { host: 'bastion.example.org', port: 2222 });
  assert.match(shown.note, /the database sees the address of the bastion/);
  const [sql, aws, firewall] = shown.guides;
  assert.match(sql?.command ?? '', /=BASTION_ADDRESS\/32$/);
  assert.match(sql?.steps.join(' ') ?? '', /BASTION_ADDRESS/);
  assert.match(aws?.command ?? '', /"FromPort":2222.*9\.9\.9\.9/);
  assert.match(firewall?.command ?? '', /--allow=tcp:2222/);
  await add('postgresql', 'By address', {
    ...{ ...database, ...ssh },
    sshHost: '8.8.4.4'
  });
  const [known] = (await show({ integration: 'By address' })).guides;
  assert.match(known?.command ?? '', /=8\.8\.4\.4\/32$/);
});

test('against a former list it says what to add and to remove', async () => {
  await set('1.1.1.1', '9.9.9.9', '8.8.8.8');
  const shown = await show({ previous: ['9.9.9.9/32', '3.3.3.3'] });
  assert.deepEqual(shown.changes, {
    add: ['1.1.1.1', '8.8.8.8'],
    remove: ['3.3.3.3']
  });
  assert.ok(shown.guides.every(({ change }) => change));
  await assert.rejects(
    () => show({ previous: ['here'] }),
    code('invalid-field', /"here" is a name/)
  );
});

test('a setting that somebody else has spoiled is no obstacle', async () => {
  const path = join(workspace.folder, 'workspace.json');
  await set('9.9.9.9');
  const content = JSON.parse(readFileSync(path, 'utf8')) as {
    settings: { egressAddresses: unknown };
  };
  for (const spoiled of [7, 'x', [7], { a: 1 }]) {
    content.settings.egressAddresses = spoiled;
    writeFileSync(path, JSON.stringify(content));
    workspace.restart();
    assert.equal((await show()).source, 'none');
  }
});
