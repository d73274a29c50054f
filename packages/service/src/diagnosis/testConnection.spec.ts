import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { EchoTunnel } from '../testing/echoTunnel.js';
import {
  failureOf,
  passed,
  Person,
  throughBastion
} from '../testing/person.js';
import { freePort, type Sshd } from '../testing/sshd.js';

let tunnel: EchoTunnel;
let sshd: Sshd;
let echoPort: number;

before(async () => {
  tunnel = await EchoTunnel.start();
  ({ sshd, echoPort } = tunnel);
});

after(() => tunnel.stop());

const code = (expected: string) => (error: unknown) =>
  error instanceof ServiceError && error.failure.code === expected;

test('the client is told of each stage as it begins and passes, with what was found', async t => {
  const person = new Person(t);
  await person.workspace.trust(sshd);
  await person.workspace.addTunnel('It', sshd, echoPort);
  const report = await person.test();
  assert.equal(report.ok, true);
  assert.deepEqual(passed(report), throughBastion);
  assert.deepEqual(
    person.told.map(({ run, stage, state }) => [run, stage, state]),
    throughBastion.flatMap(stage => [
      [person.run, stage, 'began'],
      [person.run, stage, 'passed']
    ])
  );
  for (const result of report.stages) {
    assert.ok(result.ok && result.message, result.stage);
    assert.equal(typeof result.milliseconds, 'number');
  }
  assert.deepEqual(await person.report, report);
});

test('what speaks behind a plain tunnel is not guessed', async t => {
  const person = new Person(t);
  await person.workspace.trust(sshd);
  await person.workspace.addTunnel('It', sshd, echoPort);
  const { skipped } = await person.test({ python: '/bin/false' });
  assert.deepEqual(
    skipped.map(({ stage }) => stage),
    ['tls', 'login', 'query']
  );
});

for (const [index, until] of throughBastion.entries()) {
  test(`a test until ${until} ends there and leaves no connection`, async t => {
    const person = new Person(t);
    await person.workspace.trust(sshd);
    await person.workspace.addTunnel('It', sshd, echoPort);
    const report = await person.test({
      until: until as 'resolve'
    });
    assert.equal(report.ok, true);
    assert.deepEqual(passed(report), throughBastion.slice(0, index + 1));
    assert.equal(
      report.skipped[0]?.stage,
      [...throughBastion, 'tls'][index + 1]
    );
    await sshd.quiet();
  });
}

test('a test does not use the session that is up', async t => {
  const person = new Person(t);
  await person.workspace.trust(sshd);
  await person.workspace.addTunnel('It', sshd, echoPort);
  await person.workspace.request('underpass/ensure', {
    folder: person.workspace.folder,
    integration: 'It'
  });
  const before = sshd.logins;
  await person.test();
  assert.equal(sshd.logins, before + 1);
});

test('without a Python the database is not asked, and the report says why', async t => {
  const person = new Person(t);
  await person.database(tunnel, '');
  const report = await person.test();
  assert.equal(report.ok, true);
  assert.deepEqual(passed(report), throughBastion);
  assert.match(report.skipped[0]?.reason ?? '', /driver/);
});

test('without SSH the server itself is looked up and dialled', async t => {
  const person = new Person(t);
  const add = (name: string, host: string, port: number) =>
    person.workspace.request('underpass/integrations/add', {
      folder: person.workspace.folder,
      type: 'postgresql',
      name,
      fields: { host, port, user: 'me', database: 'x' }
    });
  await add('It', '127.0.0.1', echoPort);
  assert.deepEqual(passed(await person.test()), ['resolve', 'tcp']);
  await add('Refused', '127.0.0.1', await freePort());
  const refused = await person.test({
    integration: 'Refused',
    run: randomUUID()
  });
  assert.equal(failureOf(refused).code, 'connection-refused');
});

test('a draft is tested with the secrets of the saved one where none was typed, and is kept nowhere', async t => {
  const person = new Person(t);
  const { workspace } = person;
  const file = join(workspace.folder, 'stdin');
  const python = await person.database(
    tunnel,
    `read line; printf '%s' "$line" > ${file}`
  );
  const fields = {
    host: '127.0.0.1',
    port: echoPort,
    user: 'somebody else',
    database: 'x'
  };
  const draft = (secrets: { [name: string]: string }, integration?: string) =>
    workspace.request('underpass/integrations/testDraft', {
      type: 'postgresql',
      fields,
      secrets,
      python,
      ...(integration ? { integration } : {})
    });
  const sent = () =>
    JSON.parse(readFileSync(file, 'utf8')) as {
      fields: { user: string };
      secrets: { [name: string]: string };
    };
  await draft({}, 'It');
  assert.equal(sent().fields.user, 'somebody else');
  assert.deepEqual(sent().secrets, { password: 'correct horse' });
  await draft({ password: 'typed' }, 'It');
  assert.deepEqual(sent().secrets, { password: 'typed' });
  await draft({});
  assert.deepEqual(sent().secrets, {});
  assert.equal(workspace.service.store.find('It').fields.user, 'me');
  assert.equal(workspace.service.store.integrations().length, 1);
  await assert.rejects(
    workspace.request('underpass/integrations/testDraft', {
      type: 'mysql',
      fields,
      integration: 'It'
    }),
    code('invalid-request')
  );
});
