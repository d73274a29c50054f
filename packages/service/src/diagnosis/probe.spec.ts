import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { EchoTunnel } from '../testing/echoTunnel.js';
import {
  failureOf,
  passed,
  Person,
  throughBastion
} from '../testing/person.js';
import { type Sshd } from '../testing/sshd.js';

let tunnel: EchoTunnel;
let sshd: Sshd;

before(async () => {
  tunnel = await EchoTunnel.start();
  ({ sshd } = tunnel);
});

after(() => tunnel.stop());

const isGone = (pid: number) => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

test('the driver gets its secrets by its standard input and nowhere else', async t => {
  const person = new Person(t);
  process.env.UNDERPASS_TEST_MARK = 'ours';
  process.env.PYTHONSTARTUP = '/nowhere';
  t.after(() => {
    delete process.env.UNDERPASS_TEST_MARK;
    delete process.env.PYTHONSTARTUP;
  });
  const folder = person.workspace.folder;
  const python = await person.database(
    tunnel,
    `
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
echo '{"stage":"query","state":"passed","milliseconds":4}'`
  );
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
  const program = await person.database(tunnel, `echo "$PYTHONPATH" > ${file}`);
  await person.test({ python: { program, path: '/a:/b' } });
  assert.equal(readFileSync(file, 'utf8'), '/a:/b\n');
});

test('a driver that hangs is killed with all that it has started', async t => {
  const person = new Person(t);
  const file = join(person.workspace.folder, 'pids');
  const python = await person.database(
    tunnel,
    `
trap '' TERM INT HUP
sleep 600 &
echo $! $$ > ${file}
echo '{"stage":"tls","state":"began"}'
echo '{"stage":"tls","state":"passed","milliseconds":1}'
echo '{"stage":"login","state":"began"}'
wait`
  );
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
    const python = await person.database(tunnel, script);
    const failure = failureOf(await person.test({ python }));
    assert.equal(failure.code, expected);
    assert.ok(failure.fix.startsWith(python) || failure.fix.includes(python));
  });
}

test('a Python that is not there', async t => {
  const person = new Person(t);
  await person.database(tunnel, '');
  const failure = failureOf(await person.test({ python: '/nowhere/python' }));
  assert.equal(failure.code, 'interpreter-failed');
});

test('the driver dials the bastion by a forward of the test, which ends with it', async t => {
  const person = new Person(t);
  const file = join(person.workspace.folder, 'stdin');
  const python = await person.database(
    tunnel,
    `
read line
printf '%s' "$line" > ${file}
echo '{"stage":"tls","state":"began"}'
sleep 600`
  );
  const testing = person.test({ python });
  await person.at('tls');
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') {
    await new Promise(setImmediate);
  }
  const { endpoint } = JSON.parse(readFileSync(file, 'utf8')) as {
    endpoint: { host: string; port: number };
  };
  const socket = connect(endpoint.port, endpoint.host);
  socket.write('hello');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.equal(answer.toString(), 'hello');
  const broken = once(socket, 'error');
  await person.workspace.request('underpass/tests/cancel', { run: person.run });
  await broken;
  await testing;
  const late = connect(endpoint.port, endpoint.host);
  await once(late, 'error');
});

const walkedThrough = `
read line
echo '{"stage":"tls","state":"passed","milliseconds":1}'
echo '{"stage":"login","state":"passed","milliseconds":1}'
echo '{"stage":"query","state":"passed","milliseconds":1}'`;

test('a driver that does not come to its end after the last stage has passed', async t => {
  const person = new Person(t);
  const python = await person.database(
    tunnel,
    `${walkedThrough}\nexec sleep 600`
  );
  const report = await person.test({ python });
  assert.equal(report.ok, true, JSON.stringify(report));
  assert.deepEqual(passed(report).at(-1), 'query');
});

test('a process that a driver leaves behind in a session of its own keeps no test from its end', async t => {
  const person = new Person(t);
  const file = join(person.workspace.folder, 'pid');
  const python = await person.database(
    tunnel,
    `${walkedThrough}\nsetsid sh -c 'echo $$ > ${file}; exec sleep 600' &\nwhile ! [ -s ${file} ]; do sleep 0.01; done`
  );
  try {
    const report = await person.test({ python });
    assert.equal(report.ok, true, JSON.stringify(report));
  } finally {
    process.kill(Number(readFileSync(file, 'utf8')));
  }
});
