import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test, type TestContext } from 'node:test';

import { EchoTunnel } from '../testing/echoTunnel.js';
import {
  failureOf,
  passed,
  Person,
  throughBastion
} from '../testing/person.js';
import { Sshd, type SshdOptions } from '../testing/sshd.js';

let tunnel: EchoTunnel;
let sshd: Sshd;
let echoPort: number;

before(async () => {
  tunnel = await EchoTunnel.start();
  ({ sshd, echoPort } = tunnel);
});

after(() => tunnel.stop());

async function bastion(t: TestContext, options: SshdOptions): Promise<Sshd> {
  const other = await Sshd.start(options);
  t.after(() => other.remove());
  return other;
}

test('a person who approves the host key lets the test go on, on the same connection', async t => {
  const person = new Person(t);
  const { workspace } = person;
  workspace.client.approves = true;
  sshd.authorize((await workspace.request('underpass/key/show', {})).publicKey);
  await workspace.addTunnel('It', sshd, echoPort);
  const before = sshd.connections;
  const testing = person.test();
  await person.at('host-key', 'waiting for approval in Integrations');
  assert.deepEqual((await person.report).current, {
    stage: 'host-key',
    message: 'waiting for approval in Integrations'
  });
  await workspace.approve(sshd);
  const report = await testing;
  assert.deepEqual(passed(report), throughBastion);
  assert.equal(sshd.connections, before + 1);
});

for (const [when, hungUp] of [
  ['long before', (other: Sshd) => other.quiet()],
  // The end of its connection has come, and was not read yet.
  [
    'as',
    (other: Sshd) => {
      while (other.isBusy) {
        // Nothing else happens in this process meanwhile.
      }
    }
  ]
] as const) {
  test(`a bastion that hangs up ${when} the person says yes is dialled again without a word`, async t => {
    const impatient = await bastion(t, { LoginGraceTime: '1' });
    const person = new Person(t);
    const { workspace } = person;
    workspace.client.approves = true;
    impatient.authorize(
      (await workspace.request('underpass/key/show', {})).publicKey
    );
    await workspace.addTunnel('It', impatient, echoPort);
    const testing = person.test();
    await person.at('host-key', 'waiting for approval in Integrations');
    await hungUp(impatient);
    await workspace.approve(impatient);
    const report = await testing;
    assert.deepEqual(passed(report), throughBastion);
  });
}

test('a person who says no ends the test, and the next one says so at once', async t => {
  const person = new Person(t);
  const { workspace } = person;
  workspace.client.approves = true;
  await workspace.addTunnel('It', sshd, echoPort);
  const testing = person.test();
  await person.at('host-key', 'waiting for approval in Integrations');
  const [prompt] = workspace.service.hostKeys.pending();
  assert.deepEqual(prompt?.integrations, ['It']);
  await workspace.request('underpass/prompts/reject', { id: prompt.id });
  assert.equal(failureOf(await testing).code, 'host-key-rejected');
  const again = await person.test({ run: randomUUID() });
  assert.equal(failureOf(again).code, 'host-key-rejected');
});

test('where nobody can be asked an unknown host key fails at once, with the command', async t => {
  const person = new Person(t);
  await person.workspace.addTunnel('It', sshd, echoPort);
  const failure = failureOf(await person.test());
  assert.equal(failure.code, 'host-key-unknown');
  assert.equal(
    failure.detail?.command,
    `underpass hostkey approve ${sshd.host}:${sshd.port} ${sshd.fingerprint}`
  );
});
