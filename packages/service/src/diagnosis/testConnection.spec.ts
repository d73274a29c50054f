import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';

import type {
  Failure,
  Params,
  TestReport,
  TestStage
} from '@underpass/protocol';

import { handle } from '../rpc/handle.js';
import { ServiceError } from '../serviceError.js';
import { freePort, Sshd, type SshdOptions } from '../testing/sshd.js';
import { TestWorkspace } from '../testing/workspace.js';

const throughBastion = [
  'resolve',
  'tcp',
  'ssh-handshake',
  'host-key',
  'auth',
  'forward'
];

let sshd: Sshd;
let echo: Server;
let echoPort: number;

before(async () => {
  sshd = await Sshd.start();
  echo = createServer(socket => {
    socket.on('error', () => undefined).pipe(socket);
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  echoPort = portOf(echo);
});

after(async () => {
  echo.close();
  await sshd.remove();
});

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

async function bastion(t: TestContext, options: SshdOptions): Promise<Sshd> {
  const other = await Sshd.start(options);
  t.after(() => other.remove());
  return other;
}

/** A workspace, and a client that tests its integrations. */
class Person {
  readonly workspace = new TestWorkspace();
  readonly told: TestStage[] = [];
  readonly run = randomUUID();

  constructor(t: TestContext) {
    t.after(() => this.workspace.remove());
  }

  test(
    options: Partial<Params<'underpass/integrations/test'>> = {},
    signal = new AbortController().signal
  ): Promise<TestReport> {
    return handle(
      'underpass/integrations/test',
      { integration: 'It', run: this.run, ...options },
      {
        service: this.workspace.service,
        client: this.workspace.client,
        signal,
        progress: () => undefined,
        testStage: stage => this.told.push(stage)
      }
    ) as Promise<TestReport>;
  }

  get report(): Promise<TestReport> {
    return this.workspace.request('underpass/tests/get', { run: this.run });
  }

  /** Wait until a stage is at work, with such a message if one is given. */
  async at(stage: string, message?: string): Promise<void> {
    const reached = () =>
      this.told.some(
        event =>
          event.stage === stage &&
          event.state === 'began' &&
          (message === undefined || event.message === message)
      );
    while (!reached()) {
      await once(this.workspace.service, 'changed');
    }
  }

  /** A database behind the bastion, whose driver is a shell script; and the script's path. */
  async database(script: string): Promise<string> {
    await this.workspace.trust(sshd);
    await this.workspace.request('underpass/integrations/add', {
      folder: this.workspace.folder,
      type: 'postgresql',
      name: 'It',
      fields: {
        host: '127.0.0.1',
        port: echoPort,
        user: 'me',
        database: 'x',
        sshEnabled: true,
        sshHost: sshd.host,
        sshPort: sshd.port,
        sshUser: sshd.user
      },
      secrets: { password: 'correct horse' }
    });
    const python = join(this.workspace.folder, 'python');
    writeFileSync(python, `#!/bin/sh\n${script}\n`);
    chmodSync(python, 0o700);
    return python;
  }
}

function failureOf(report: TestReport): Failure {
  const last = report.stages.at(-1);
  assert.ok(last && !last.ok, JSON.stringify(report));
  assert.equal(report.ok, false);
  return last.failure;
}

const passed = (report: TestReport) =>
  report.stages.filter(({ ok }) => ok).map(({ stage }) => stage);

const isGone = (pid: number) => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

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
  await workspace.request('underpass/hostKeys/approve', {
    host: sshd.host,
    port: sshd.port,
    fingerprint: sshd.fingerprint
  });
  const report = await testing;
  assert.deepEqual(passed(report), throughBastion);
  assert.equal(sshd.connections, before + 1);
});

test('a bastion that does not wait for the person is dialled again without a word', async t => {
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
  await impatient.quiet();
  await workspace.request('underpass/hostKeys/approve', {
    host: impatient.host,
    port: impatient.port,
    fingerprint: impatient.fingerprint
  });
  const report = await testing;
  assert.deepEqual(passed(report), throughBastion);
});

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

test('a test is ended while it waits for a server, a person or a login', async t => {
  const silent = createServer(socket => socket.on('error', () => undefined));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.close());
  const slow = await bastion(t, {
    AuthorizedKeysFile: 'none',
    AuthorizedKeysCommand: '/bin/sleep 60',
    AuthorizedKeysCommandUser: 'nobody'
  });
  for (const [stage, server] of [
    ['ssh-handshake', { ...sshd, port: portOf(silent) }],
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

test('the driver gets its secrets by its standard input and nowhere else', async t => {
  const person = new Person(t);
  process.env.UNDERPASS_TEST_MARK = 'ours';
  process.env.PYTHONSTARTUP = '/nowhere';
  t.after(() => {
    delete process.env.UNDERPASS_TEST_MARK;
    delete process.env.PYTHONSTARTUP;
  });
  const folder = person.workspace.folder;
  const python = await person.database(`
read line
printf '%s' "$line" > ${folder}/stdin
tr '\\0' '\\n' < /proc/$$/cmdline > ${folder}/argv
env > ${folder}/env
pwd > ${folder}/pwd
echo "$line" >&2
echo "not JSON, correct horse"
echo '{"stage":"tls","state":"began"}'
echo '{"stage":"tls","state":"passed","milliseconds":null,"message":"TLSv1.3"}'
echo '{"stage":"login","state":"passed","milliseconds":3}'
echo '{"stage":"query","state":"passed","milliseconds":4}'`);
  const report = await person.test({ python });
  assert.deepEqual(passed(report), [
    ...throughBastion,
    'tls',
    'login',
    'query'
  ]);
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const ready = JSON.parse(read('stdin')) as { [name: string]: unknown };
  assert.deepEqual(ready.secrets, { password: 'correct horse' });
  assert.equal(ready.tunnelled, true);
  assert.match(read('argv'), /-m\nunderpass\.probe\n--until\nquery/);
  assert.equal(read('pwd'), '/\n');
  assert.doesNotMatch(read('env'), /UNDERPASS|PYTHONSTARTUP|PYTHONPATH/);
  for (const text of [
    read('argv'),
    read('env'),
    JSON.stringify(report),
    JSON.stringify(person.told)
  ]) {
    assert.doesNotMatch(text, /correct horse/);
  }
});

test('the search path that is given is that of the driver', async t => {
  const person = new Person(t);
  const file = join(person.workspace.folder, 'path');
  const program = await person.database(`echo "$PYTHONPATH" > ${file}`);
  await person.test({ python: { program, path: '/a:/b' } });
  assert.equal(readFileSync(file, 'utf8'), '/a:/b\n');
});

test('a driver that hangs is killed with all that it has started', async t => {
  const person = new Person(t);
  const file = join(person.workspace.folder, 'pids');
  const python = await person.database(`
trap '' TERM INT HUP
sleep 600 &
echo $! $$ > ${file}
echo '{"stage":"tls","state":"began"}'
echo '{"stage":"tls","state":"passed","milliseconds":1}'
echo '{"stage":"login","state":"began"}'
wait`);
  const stop = new AbortController();
  const testing = person.test({ python }, stop.signal);
  await person.at('login');
  stop.abort();
  const failure = failureOf(await testing);
  assert.equal(failure.code, 'cancelled');
  assert.equal((await person.report).stages.at(-1)?.stage, 'login');
  const pids = readFileSync(file, 'utf8').split(' ').map(Number);
  assert.equal(pids.length, 2);
  while (!pids.every(isGone)) {
    await new Promise(setImmediate);
  }
  await sshd.quiet();
});

for (const [what, script, expected] of [
  [
    'that has no underpass',
    'echo "/x: No module named underpass" >&2; exit 1',
    'driver-missing'
  ],
  ['that ends without a word', 'exit 3', 'interpreter-failed'],
  [
    'that ends in the middle',
    `echo '{"stage":"tls","state":"passed","milliseconds":1}'`,
    'interpreter-failed'
  ],
  [
    'whose line never ends',
    'head -c 8000000 /dev/zero | tr "\\0" x; sleep 60',
    'interpreter-failed'
  ]
] as const) {
  test(`a Python ${what}`, async t => {
    const person = new Person(t);
    const python = await person.database(script);
    const failure = failureOf(await person.test({ python }));
    assert.equal(failure.code, expected);
    assert.ok(failure.fix.startsWith(python) || failure.fix.includes(python));
  });
}

test('a Python that is not there', async t => {
  const person = new Person(t);
  await person.database('');
  const failure = failureOf(await person.test({ python: '/nowhere/python' }));
  assert.equal(failure.code, 'interpreter-failed');
});

test('without a Python the database is not asked, and the report says why', async t => {
  const person = new Person(t);
  await person.database('');
  const report = await person.test();
  assert.equal(report.ok, true);
  assert.deepEqual(passed(report), throughBastion);
  assert.match(report.skipped[0]?.reason ?? '', /driver/);
});

test('the driver dials the bastion by a forward of the test, which ends with it', async t => {
  const person = new Person(t);
  const file = join(person.workspace.folder, 'stdin');
  const python = await person.database(`
read line
printf '%s' "$line" > ${file}
echo '{"stage":"tls","state":"began"}'
sleep 600`);
  const testing = person.test({ python });
  await person.at('tls');
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') {
    await new Promise(setImmediate);
  }
  const { endpoint } = JSON.parse(readFileSync(file, 'utf8')) as {
    endpoint: { host: string; port: number };
  };
  const net = await import('node:net');
  const socket = net.connect(endpoint.port, endpoint.host);
  socket.write('hello');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.equal(answer.toString(), 'hello');
  const broken = once(socket, 'error');
  await person.workspace.request('underpass/tests/cancel', { run: person.run });
  await broken;
  await testing;
  const late = net.connect(endpoint.port, endpoint.host);
  await once(late, 'error');
});

test('a fifth test at a time is refused, and one may follow when another has ended', async t => {
  const silent = createServer(socket => socket.on('error', () => undefined));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.close());
  const person = new Person(t);
  await person.workspace.addTunnel(
    'It',
    { ...sshd, port: portOf(silent) } as Sshd,
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
