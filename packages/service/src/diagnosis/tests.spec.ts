import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { after, before, test, type TestContext } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { EchoTunnel, listenAnywhere } from '../testing/echoTunnel.js';
import { failureOf, Person } from '../testing/person.js';
import { Sshd, type SshdOptions } from '../testing/sshd.js';

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

async function bastion(t: TestContext, options: SshdOptions): Promise<Sshd> {
  const other = await Sshd.start(options);
  t.after(() => other.remove());
  return other;
}

/** A server that accepts connections and never says a word; its port. */
async function silence(t: TestContext): Promise<number> {
  const server = createServer(socket => socket.on('error', () => undefined));
  t.after(() => server.close());
  return listenAnywhere(server);
}

test('a test is ended while it waits for a server, a person or a login', async t => {
  const silent = await silence(t);
  const slow = await bastion(t, {
    AuthorizedKeysFile: 'none',
    AuthorizedKeysCommand: '/bin/sleep 60',
    AuthorizedKeysCommandUser: 'nobody'
  });
  for (const [stage, server] of [
    ['ssh-handshake', { ...sshd, port: silent }],
    ['host-key', sshd],
    ['auth', slow]
  ] as const) {
    const person = new Person(t);
    person.workspace.client.approves = stage === 'host-key';
    await person.workspace.addTunnel('It', server as Sshd, echoPort);
    if (stage === 'auth') {
      await person.workspace.trust(slow);
    }
    const testing = person.test();
    await person.at(
      stage,
      stage === 'host-key' ? 'waiting for approval in Integrations' : undefined
    );
    await person.workspace.request('underpass/tests/cancel', {
      run: person.run
    });
    const failure = failureOf(await testing);
    assert.equal(failure.code, 'cancelled', stage);
  }
  await sshd.quiet();
});

test('a fifth test at a time is refused, and one may follow when another has ended', async t => {
  const silent = await silence(t);
  const person = new Person(t);
  await person.workspace.addTunnel(
    'It',
    { ...sshd, port: silent } as Sshd,
    echoPort
  );
  const stops = Array.from({ length: 4 }, () => new AbortController());
  const running = stops.map(({ signal }) =>
    person.test({ run: randomUUID() }, signal)
  );
  await assert.rejects(person.test({ run: randomUUID() }), code('tests-busy'));
  stops[0]?.abort();
  await running[0];
  const fifth = new AbortController();
  const last = person.test({ run: randomUUID() }, fifth.signal);
  fifth.abort();
  assert.equal(failureOf(await last).code, 'cancelled');
  stops.forEach(stop => stop.abort());
  await Promise.all(running);
});

test('an id of a run is not used twice, and an unknown one is refused', async t => {
  const person = new Person(t);
  await person.workspace.trust(sshd);
  await person.workspace.addTunnel('It', sshd, echoPort);
  await person.test();
  await assert.rejects(person.test(), code('invalid-request'));
  for (const method of [
    'underpass/tests/get',
    'underpass/tests/cancel'
  ] as const) {
    await assert.rejects(
      person.workspace.request(method, { run: randomUUID() }),
      code('unknown-run')
    );
  }
});
