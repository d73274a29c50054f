import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';

import ssh2 from 'ssh2';

import type { HostAndPort } from '../address.js';
import { generateEd25519 } from '../ssh/openssh.js';
import { freePort, Sshd } from '../testing/sshd.js';
import { authorizedKeysLine } from './authorizedKeys.js';

const pair = generateEd25519('me@here');

let sshd: Sshd;
let folder: string;
let greeting: Server;
let greetingPort: number;
let overV6: Server;

before(async () => {
  sshd = await Sshd.start();
  folder = mkdtempSync(join(tmpdir(), 'underpass-line-'));
  writeFileSync(join(folder, 'key'), pair.privateKey, { mode: 0o600 });
  greeting = createServer(socket => socket.end('hello')).listen(0, '127.0.0.1');
  await once(greeting, 'listening');
  const address = greeting.address();
  greetingPort = typeof address === 'object' && address ? address.port : 0;
  overV6 = createServer(socket => socket.end('hello six')).listen(
    greetingPort,
    '::1'
  );
  await once(overV6, 'listening');
});
after(async () => {
  greeting.close();
  overV6.close();
  await sshd.remove();
  rmSync(folder, { recursive: true });
});

function permit(...targets: HostAndPort[]): void {
  const line = authorizedKeysLine(pair.publicKey, targets);
  writeFileSync(join(sshd.folder, 'authorized_keys'), `${line}\n`);
}

/** OpenSSH's own client, with nothing of this machine's configuration. */
async function ssh(...args: string[]): Promise<{ code: number; said: string }> {
  const child = spawn(
    'ssh',
    [
      ...['-F', 'none', '-i', join(folder, 'key'), '-p', String(sshd.port)],
      ...['BatchMode', 'IdentitiesOnly', 'ExitOnForwardFailure'].flatMap(
        option => ['-o', `${option}=yes`]
      ),
      ...[
        '-o',
        'StrictHostKeyChecking=no',
        '-o',
        'UserKnownHostsFile=/dev/null'
      ],
      ...['-o', 'LogLevel=ERROR', ...args, `${sshd.user}@${sshd.host}`]
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], timeout: 10_000 }
  );
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number]>
  ]);
  return { code, said: out + err };
}

test('the line lets the targets it lists through, by IPv4, IPv6 and name', async () => {
  permit(
    { host: '127.0.0.1', port: greetingPort },
    { host: '::1', port: greetingPort },
    { host: 'localhost', port: greetingPort }
  );
  for (const [target, expected] of [
    [`127.0.0.1:${greetingPort}`, /^hello$/],
    [`[::1]:${greetingPort}`, /^hello six$/],
    [`localhost:${greetingPort}`, /^hello/]
  ] as const) {
    const { code, said } = await ssh('-W', target);
    assert.match(said, expected, target);
    assert.equal(code, 0);
  }
});

test('the line refuses every other target, also another port or another name of the same host', async () => {
  permit({ host: '127.0.0.1', port: greetingPort });
  for (const target of [
    `127.0.0.1:${sshd.port}`,
    `localhost:${greetingPort}`,
    `[::1]:${greetingPort}`,
    `0.0.0.0:${greetingPort}`
  ]) {
    const { code, said } = await ssh('-W', target);
    assert.equal(code, 255, target);
    assert.match(said, /stdio forwarding failed/, target);
  }
});

/** What a login with the key alone allows, and the line is to refuse. */
const uses: {
  [use: string]: (client: ssh2.Client, done: (found: string) => void) => void;
} = {
  command: (client, done) => client.exec('echo reached', outcome(done)),
  shell: (client, done) => client.shell(false, outcome(done)),
  terminal: (client, done) =>
    client.exec('echo reached', { pty: true }, outcome(done)),
  files: (client, done) =>
    client.sftp(error => done(error ? 'refused' : 'reached'))
};

function outcome(done: (found: string) => void): ssh2.ClientCallback {
  return (error, channel) => {
    if (error) {
      done('refused');
      return;
    }
    let output = '';
    channel.on('data', (data: Buffer) => (output += data.toString()));
    channel.on('close', () =>
      done(output.includes('reached') ? 'reached' : `nothing ${output}`.trim())
    );
    channel.end('echo reached\n');
  };
}

async function tryOut(): Promise<{ [use: string]: string }> {
  const found: { [use: string]: string } = {};
  for (const [name, use] of Object.entries(uses)) {
    const client = new ssh2.Client();
    found[name] = await new Promise<string>((resolve, reject) => {
      client.on('error', reject);
      client.on('ready', () => use(client, resolve));
      client.connect({
        host: sshd.host,
        port: sshd.port,
        username: sshd.user,
        privateKey: pair.privateKey
      });
    });
    client.end();
  }
  return found;
}

test('the line refuses a shell, commands, a terminal and files', async () => {
  writeFileSync(join(sshd.folder, 'authorized_keys'), `${pair.publicKey}\n`);
  assert.deepEqual(await tryOut(), {
    command: 'reached',
    shell: 'reached',
    terminal: 'reached',
    files: 'reached'
  });
  permit({ host: '127.0.0.1', port: greetingPort });
  assert.deepEqual(await tryOut(), {
    command: 'nothing',
    shell: 'nothing',
    terminal: 'refused',
    files: 'refused'
  });
});

test('the line refuses to forward an agent', async () => {
  const forwardAgent = async () => {
    const client = new ssh2.Client();
    const refusal = await new Promise<Error | undefined>((resolve, reject) => {
      client.on('error', reject);
      client.on('ready', () => client.exec('id', error => resolve(error)));
      client.connect({
        host: sshd.host,
        port: sshd.port,
        username: sshd.user,
        privateKey: pair.privateKey,
        // Nothing listens there: it is only asked for.
        agent: join(folder, 'agent'),
        agentForward: true
      });
    });
    client.end();
    return refusal?.message;
  };
  writeFileSync(join(sshd.folder, 'authorized_keys'), `${pair.publicKey}\n`);
  assert.equal(await forwardAgent(), undefined, 'the key alone allows it');
  permit({ host: '127.0.0.1', port: greetingPort });
  assert.match((await forwardAgent()) ?? '', /agent forwarding/);
});

test('the line does not let the server listen for us', async () => {
  permit({ host: '127.0.0.1', port: greetingPort });
  const port = await freePort();
  for (const listen of [`${port}`, `0.0.0.0:${port}`, '0']) {
    const { code, said } = await ssh('-N', '-R', `${listen}:127.0.0.1:1`);
    assert.equal(code, 255, listen);
    assert.match(said, /remote port forwarding failed/, listen);
  }
});

test('a name that could break out of the quotes is left out, and without a target there is no line', () => {
  const odd = [
    'db",command="sh',
    'db\nssh-ed25519 AAAA evil',
    'db\\',
    'two words',
    '*',
    'a,b',
    ''
  ].map(host => ({ host, port: 5432 }));
  const { publicKey } = pair;
  for (const target of odd) {
    assert.equal(authorizedKeysLine(publicKey, [target]), undefined);
  }
  assert.equal(authorizedKeysLine(publicKey, []), undefined);
  const line = authorizedKeysLine(publicKey, [
    ...odd,
    { host: 'db', port: 5432 }
  ]);
  assert.equal(
    line,
    `restrict,port-forwarding,command="false",permitlisten="localhost:1",permitopen="db:5432" ${publicKey}`
  );
});
