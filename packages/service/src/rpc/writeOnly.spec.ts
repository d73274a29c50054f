/**
 * Secrets go in and not out: every method of the protocol is asked, of a real service with a filled workspace, and
 * what it answers, notifies and logs is searched.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

import {
  type Method,
  methods,
  type Params,
  protocolVersion
} from '@underpass/protocol';
import {
  createMessageConnection,
  type MessageConnection,
  type ResponseError,
  StreamMessageReader,
  StreamMessageWriter
} from 'vscode-jsonrpc/node.js';

import { certificatePem } from '../testing/certificates.js';
import { Sshd } from '../testing/sshd.js';

test('no method but ensure and key/export, no notification and no log has a secret of the workspace', async t => {
  const sshd = await Sshd.start();
  const echo = createServer(socket => socket.pipe(socket)).listen(0);
  await once(echo, 'listening');
  const service = await Running.start();
  t.after(async () => {
    echo.close();
    await service.remove();
    await sshd.remove();
  });

  const password = `pass"word ${randomBytes(12).toString('hex')}`;
  const passphrase = randomBytes(12).toString('hex');
  const secrets = [...forms(password), ...forms(passphrase)];
  const imported = newKey(service.folder, passphrase);
  const seen: [where: string, said: string][] = [];
  const answered = new Set<string>();

  const calls = story(service.folder, sshd, echo, {
    password,
    passphrase,
    imported
  });
  for (const method of Object.keys(calls) as Method[]) {
    for (const params of calls[method]) {
      secrets.push(...(await service.kept()));
      const { said, failed } = await service.ask(method, params);
      if (!failed) {
        answered.add(method);
      }
      if (method === 'underpass/key/show') {
        const { publicKey } = JSON.parse(said) as { publicKey: string };
        sshd.authorize(publicKey);
      }
      if (method === 'underpass/key/export') {
        assert.match(said, /OPENSSH PRIVATE KEY/);
      } else if (method === 'underpass/ensure') {
        assert.ok(said.includes(JSON.stringify(password)), said);
      } else {
        seen.push([method, said]);
      }
    }
  }
  const { notifications, log, output } = await service.ended();
  seen.push(
    ['a notification', notifications],
    ['the log', log],
    ['the output', output]
  );

  assert.deepEqual(
    Object.keys(methods).filter(method => !answered.has(method)),
    [],
    'these answered with nothing but failures'
  );
  assert.match(notifications, /underpass\/changed/);
  assert.match(notifications, /underpass\/testStage/);
  assert.match(log, /listening/);
  // Three private keys, two master keys, a password and a passphrase in their forms.
  assert.ok(new Set(secrets).size > 20);
  for (const [where, said] of seen) {
    const found = secrets.findIndex(secret => said.includes(secret));
    assert.equal(found, -1, `${where} has a secret (${found}): ${said}`);
  }
});

/** A week with the service: every method at least once, in this order. */
function story(
  folder: string,
  sshd: Sshd,
  echo: Server,
  given: { password: string; passphrase: string; imported: string }
): { [M in Method]: readonly Params<M>[] } {
  const { password, passphrase, imported } = given;
  const address = echo.address();
  const remotePort = typeof address === 'object' && address ? address.port : 0;
  const server = { host: sshd.host, port: sshd.port };
  const bySsh = {
    sshEnabled: true,
    sshHost: sshd.host,
    sshPort: sshd.port,
    sshUser: sshd.user
  };
  const fields = { host: '127.0.0.1', port: remotePort, ...bySsh };
  const database = { ...fields, user: 'me', database: 'shop' };
  const secrets = { password };
  const integration = 'Shop';
  const run = randomUUID();
  const none = [{}];
  return {
    'underpass/hello': none,
    'underpass/initialize': [
      { protocolVersion, client: { kind: 'kernel', name: 'a test' } }
    ],
    'underpass/types/list': none,
    'underpass/imports/read': [
      {
        import: run,
        source: {
          kind: 'text',
          text: `db.internal:5432:shop:me:${password.replace(/[\\:]/g, '\\$&')}`
        }
      },
      { source: { kind: 'own' } }
    ],
    'underpass/certificates/describe': [
      { purpose: 'ca', content: { text: certificatePem } }
    ],
    'underpass/integrations/add': [
      {
        folder,
        type: 'postgresql',
        name: integration,
        fields: database,
        secrets
      },
      {
        folder,
        type: 'mongodb',
        name: 'Set',
        fields: { ...fields, replicaSet: 'rs' },
        secrets
      },
      // Refused: the name is taken; the secret is in the wrong place.
      {
        folder,
        type: 'postgresql',
        name: integration,
        fields: database,
        secrets
      },
      {
        folder,
        type: 'postgresql',
        name: 'x',
        fields: { ...database, password }
      }
    ],
    'underpass/imports/add': [
      { folder, import: run, entries: ['pgpass-1'] },
      { folder, import: run, entries: ['none'] }
    ],
    'underpass/key/show': none,
    'underpass/key/lineFor': [{ type: 'postgresql', fields: database }],
    'underpass/key/export': none,
    'underpass/hostKeys/scan': [server],
    'underpass/hostKeys/approve': [
      { ...server, fingerprint: sshd.fingerprint }
    ],
    'underpass/hostKeys/list': none,
    'underpass/integrations/prewarm': [{ folder, integrations: [integration] }],
    'underpass/ensure': [
      { folder, integration },
      { folder, integration: 'Set' }
    ],
    'underpass/ensurePeer': [
      { integration: 'Set', host: 'localhost', port: remotePort }
    ],
    'underpass/hold': [{ integrations: [integration] }],
    'underpass/environment': [{ folder }],
    'underpass/integrations/list': [{ folder }],
    'underpass/integrations/get': [{ folder, integration }],
    'underpass/integrations/howToUse': [{ integration }],
    'underpass/integrations/usage': [{ folder, integration }],
    'underpass/tunnels/close': [{ integration }],
    'underpass/integrations/parseUrl': [
      { url: 'postgresql://me:other@db/shop' }
    ],
    'underpass/integrations/test': [
      { integration, run },
      { integration, python: process.execPath }
    ],
    'underpass/integrations/testDraft': [
      { type: 'postgresql', fields: database, integration },
      { type: 'postgresql', fields: database, secrets }
    ],
    'underpass/tests/get': [{ run }],
    'underpass/language/complete': [
      { folder, text: '%%sql Shop\nSEL', line: 1, character: 3 }
    ],
    'underpass/tests/cancel': [{ run }],
    'underpass/integrations/update': [
      {
        folder,
        integration,
        name: 'Store',
        fields: { ...database, database: 'store' }
      },
      { folder, integration, secrets },
      { folder, integration, fields: { ...database, port: 0 }, secrets }
    ],
    'underpass/integrations/duplicate': [{ folder, integration }],
    'underpass/integrations/disconnect': [{ folder, integration }],
    'underpass/integrations/connect': [{ folder, integration }],
    'underpass/start': none,
    'underpass/status': none,
    'underpass/key/rotate': [{}, { finish: true }],
    'underpass/key/import': [
      { privateKey: imported },
      { privateKey: imported, passphrase: 'wrong' },
      { privateKey: imported.slice(0, 200), passphrase },
      { privateKey: imported, passphrase }
    ],
    'underpass/vault/keep': [{ keeper: 'file' }, { keeper: 'keyring' }],
    'underpass/vault/status': none,
    'underpass/egress/show': [{}, { integration }],
    'underpass/egress/set': [{ addresses: ['203.0.113.7'] }],
    'underpass/policy/show': none,
    'underpass/workspace/problems': none,
    'underpass/prompts/list': none,
    'underpass/prompts/reject': [{ id: 'none' }],
    'underpass/projects/list': none,
    'underpass/projects/forget': [{ project: folder }],
    'underpass/integrations/remove': [{ integration }],
    'underpass/hostKeys/remove': [server],
    'underpass/shutdown': none
  };
}

/** As it is, as a part of JSON, and as what it is often encoded to. */
function forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('base64').replace(/=*$/, '').slice(0, -1),
    bytes.toString('hex'),
    encodeURIComponent(secret)
  ];
}

/** Lines of the file that the public half is not in, and the private number itself. */
function privateParts(privateKey: string): string[] {
  const lines = privateKey.split('\n').slice(1, -2);
  const bytes = Buffer.from(lines.join(''), 'base64');
  // The public half stands twice in the file; the seed is in front of the second copy's repetition.
  const publicHalf = bytes
    .subarray(bytes.indexOf('ssh-ed25519') + 15)
    .subarray(0, 32);
  const seed = bytes
    .subarray(bytes.lastIndexOf(publicHalf) - 32)
    .subarray(0, 32);
  return [
    ...lines.slice(2),
    seed.toString('base64').slice(0, -2),
    seed.toString('hex')
  ];
}

function newKey(folder: string, passphrase: string): string {
  const path = join(folder, 'imported');
  execFileSync('ssh-keygen', [
    '-q',
    '-t',
    'ed25519',
    '-N',
    passphrase,
    '-f',
    path
  ]);
  return readFileSync(path, 'utf8');
}

/** A service of its own process, and everything that comes out of it. */
class Running {
  private readonly notifications: string[] = [];

  private constructor(
    readonly folder: string,
    private readonly process: ChildProcess,
    private readonly output: Promise<string>,
    private readonly connection: MessageConnection
  ) {
    connection.onNotification((method, ...params) => {
      this.notifications.push(JSON.stringify([method, params]));
    });
    connection.listen();
  }

  static async start(): Promise<Running> {
    const folder = mkdtempSync(join(tmpdir(), 'underpass-write-only-'));
    const child = spawn(
      process.execPath,
      [
        ...['--import', 'tsx'],
        fileURLToPath(new URL('../main.ts', import.meta.url)),
        'serve'
      ],
      {
        env: {
          ...process.env,
          UNDERPASS_HOME: join(folder, 'home'),
          UNDERPASS_RUNTIME_DIR: folder
        },
        stdio: ['ignore', 'pipe', 'pipe']
      }
    );
    const output = text(child.stderr);
    const lines = createInterface({ input: child.stdout });
    const [line] = (await once(lines, 'line')) as [string];
    const stream = connect((JSON.parse(line) as { socket: string }).socket);
    const connection = createMessageConnection(
      new StreamMessageReader(stream),
      new StreamMessageWriter(stream)
    );
    return new Running(folder, child, output, connection);
  }

  async ask(
    method: Method,
    params: unknown
  ): Promise<{ said: string; failed: boolean }> {
    try {
      const answer: unknown = await this.connection.sendRequest(method, params);
      return { said: JSON.stringify(answer), failed: false };
    } catch (error) {
      const { message, data } = error as ResponseError<unknown>;
      return { said: JSON.stringify([message, data]), failed: true };
    }
  }

  /** What it keeps now and nobody may be told. */
  async kept(): Promise<string[]> {
    const { said, failed } = await this.ask('underpass/key/export', {});
    if (failed) {
      // Not introduced yet.
      return [];
    }
    const { privateKey } = JSON.parse(said) as { privateKey: string };
    const keys = readFileSync(join(this.folder, 'home/master.key'), 'utf8');
    return [...keys.split(/\s+/).filter(Boolean), ...privateParts(privateKey)];
  }

  async ended() {
    if (this.process.exitCode === null) {
      await once(this.process, 'exit');
    }
    const logs = readdirSync(this.folder).filter(name => /\.log/.test(name));
    return {
      notifications: this.notifications.join('\n'),
      log: logs
        .map(name => readFileSync(join(this.folder, name), 'utf8'))
        .join('\n'),
      output: await this.output
    };
  }

  async remove(): Promise<void> {
    this.connection.dispose();
    if (this.process.exitCode === null) {
      const gone = once(this.process, 'exit');
      this.process.kill('SIGKILL');
      await gone;
    }
    rmSync(this.folder, { recursive: true });
  }
}
