import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';

import { type Failure, failureCodes } from '@underpass/protocol';

import { asFailure } from '../serviceError.js';
import { freePort, Sshd, type SshdOptions } from '../testing/sshd.js';
import { loginFailure } from './authFailures.js';
import type { LoginKey } from './engine.js';
import { generateEd25519 } from './openssh.js';
import { ssh2Engine } from './ssh2Engine.js';

const key = generateEd25519('test');
const stranger = generateEd25519('stranger');

interface Attempt {
  port: number;
  user: string;
  host?: string;
  keys?: [LoginKey, ...LoginKey[]];
}

function dial({ port, user, host = '127.0.0.1', keys = [key] }: Attempt) {
  return ssh2Engine.connect({
    target: { host, port, user },
    keys,
    knownKeyTypes: [],
    verifyHostKey: () => undefined,
    signal: AbortSignal.timeout(60_000)
  });
}

async function failureOf(attempt: Promise<unknown>): Promise<Failure> {
  try {
    await attempt;
  } catch (error) {
    const failure = asFailure(error);
    assert.ok(failureCodes.includes(failure.code));
    assert.ok(failure.message.endsWith('.'), failure.message);
    assert.notEqual(failure.fix, '');
    return failure;
  }
  assert.fail('it worked');
}

async function bastion(
  t: TestContext,
  options: SshdOptions = {}
): Promise<Sshd> {
  const sshd = await Sshd.start(options);
  t.after(() => sshd.remove());
  sshd.authorize(key.publicKey);
  return sshd;
}

/** A TCP server that is no SSH server. */
async function stranded(
  t: TestContext,
  talk: (socket: Socket) => void
): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    talk(socket);
  });
  server.listen(0, '127.0.0.1');
  t.after(() => {
    sockets.forEach(socket => socket.destroy());
    server.close();
  });
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

const at = ({ code, stage }: Failure) => `${code} at ${stage}`;

test('a name that nobody knows', async () => {
  const failure = await failureOf(
    dial({ host: 'nowhere.invalid', port: 22, user: 'x' })
  );
  assert.match(at(failure), /^name-(not-found|server-failed) at resolve$/);
});

test('a port that nobody listens on', async () => {
  const failure = await failureOf(dial({ port: await freePort(), user: 'x' }));
  assert.equal(at(failure), 'connection-refused at tcp');
});

test('a network without a route', async () => {
  // Reserved (RFC 1112, class E): the kernel itself knows no way there.
  const failure = await failureOf(
    dial({ host: '255.255.255.255', port: 22, user: 'x' })
  );
  assert.equal(at(failure), 'network-unreachable at tcp');
});

for (const [what, words] of [
  ['an HTTP server', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ['a server that expects TLS', '\x15\x03\x01\x00\x02\x02\x46'],
  ['a MySQL or MariaDB server', 'J\x00\x00\x00\x0a8.0.36\x00'],
  ['a Redis server', "-ERR unknown command 'SSH-2.0'\r\n"],
  ['an SMTP or FTP server', '220 mail.example ESMTP\r\n']
] as const) {
  test(`${what} instead of an SSH server is named as what it looks like`, async t => {
    const port = await stranded(t, socket => {
      socket.once('data', () => socket.end(Buffer.from(words, 'latin1')));
    });
    const failure = await failureOf(dial({ port, user: 'x' }));
    assert.equal(at(failure), 'not-an-ssh-server at ssh-handshake');
    assert.equal(failure.detail?.looksLike, what);
  });
}

test('a database that greets first is recognised without waiting for its end', async t => {
  const port = await stranded(t, socket => {
    socket.write(Buffer.from('J\x00\x00\x00\x0a8.0.36\x00', 'latin1'));
  });
  const began = performance.now();
  const failure = await failureOf(dial({ port, user: 'x' }));
  assert.equal(at(failure), 'not-an-ssh-server at ssh-handshake');
  assert.ok(performance.now() - began < 5_000);
});

test('a server that closes at once', async t => {
  const port = await stranded(t, socket => socket.end());
  const failure = await failureOf(dial({ port, user: 'x' }));
  assert.equal(at(failure), 'closed-before-greeting at ssh-handshake');
});

test('endless lines before a greeting are cut off, whatever their length', async t => {
  for (const line of ['a banner\r\n', 'x'.repeat(65_536)]) {
    let sent = 0;
    const port = await stranded(t, socket => {
      const more = () => {
        while (!socket.destroyed && socket.write(line)) {
          sent += line.length;
        }
        socket.once('drain', more);
      };
      more();
    });
    const failure = await failureOf(dial({ port, user: 'x' }));
    assert.equal(at(failure), 'not-an-ssh-server at ssh-handshake');
    assert.ok(sent < 64 * 1024 * 1024);
  }
});

test('garbage', async t => {
  const port = await stranded(t, socket =>
    socket.write(Buffer.from(Array.from({ length: 64 }, (_, index) => index)))
  );
  const failure = await failureOf(dial({ port, user: 'x' }));
  assert.equal(at(failure), 'not-an-ssh-server at ssh-handshake');
});

test('version 1 of the protocol', async t => {
  const port = await stranded(t, socket =>
    socket.write('SSH-1.5-OpenSSH_1.2.3\r\n')
  );
  const failure = await failureOf(dial({ port, user: 'x' }));
  assert.equal(at(failure), 'ssh-protocol-1 at ssh-handshake');
});

test('a server whose greeting is followed by an end', async t => {
  const port = await stranded(t, socket => {
    socket.end('a line before\r\nSSH-2.0-Broken\r\n');
  });
  const failure = await failureOf(dial({ port, user: 'x' }));
  assert.equal(at(failure), 'handshake-failed at ssh-handshake');
  assert.equal(failure.detail?.software, 'Broken');
});

test('too many logins at once', async t => {
  const sshd = await bastion(t, { MaxStartups: '1' });
  const waiting = connect(sshd.port, sshd.host);
  t.after(() => waiting.destroy());
  await once(waiting, 'data');
  const failure = await failureOf(dial(sshd));
  assert.equal(at(failure), 'ssh-server-busy at ssh-handshake');
});

for (const [kind, keyword, value] of [
  ['keyExchange', 'KexAlgorithms', 'diffie-hellman-group1-sha1'],
  ['hostKey', 'HostKeyAlgorithms', 'ssh-ed25519-cert-v01@openssh.com'],
  ['cipher', 'Ciphers', '3des-cbc'],
  ['mac', 'MACs', 'umac-64@openssh.com']
] as const) {
  test(`no common ${kind}: what the server offers is said`, async t => {
    const sshd = await bastion(t, {
      [keyword]: value,
      ...(kind === 'mac' ? { Ciphers: 'aes128-ctr' } : {})
    });
    if (kind === 'hostKey') {
      sshd.certify();
      await sshd.down();
      await sshd.up();
    }
    const failure = await failureOf(dial(sshd));
    assert.equal(at(failure), 'no-common-algorithm at ssh-handshake');
    assert.equal(failure.detail?.kind, kind);
    assert.ok(failure.message.includes(value), failure.message);
  });
}

test('a key that is not authorized: shown keys and remaining methods are said', async t => {
  const sshd = await bastion(t, { PasswordAuthentication: 'yes' });
  const failure = await failureOf(
    dial({ ...sshd, port: sshd.port, user: sshd.user, keys: [stranger] })
  );
  assert.equal(at(failure), 'auth-refused at auth');
  assert.ok(failure.message.includes(stranger.fingerprint));
  assert.ok(failure.fix.includes(stranger.publicKey));
  assert.deepEqual(failure.detail?.methods, ['publickey', 'password']);
  assert.deepEqual(failure.detail?.offered, [
    {
      fingerprint: stranger.fingerprint,
      keyType: 'ssh-ed25519',
      outcome: 'refused'
    }
  ]);
});

test('a user that may not log in, or is unknown, looks like a key that is not authorized', async t => {
  const sshd = await bastion(t, { AllowUsers: 'nobody' });
  for (const user of [sshd.user, 'no-such-user']) {
    const failure = await failureOf(dial({ port: sshd.port, user }));
    assert.equal(at(failure), 'auth-refused at auth');
  }
});

test('a server that takes no keys at all', async t => {
  const sshd = await bastion(t, {
    PubkeyAuthentication: 'no',
    PasswordAuthentication: 'yes'
  });
  const failure = await failureOf(dial(sshd));
  assert.equal(at(failure), 'auth-no-public-key at auth');
  assert.deepEqual(failure.detail?.methods, ['password']);
});

for (const second of ['password', 'keyboard-interactive']) {
  test(`a server that wants ${second} after the key`, async t => {
    const sshd = await bastion(t, {
      PasswordAuthentication: 'yes',
      KbdInteractiveAuthentication: 'yes',
      // Without PAM there is a keyboard-interactive method only of BSD's.
      ...(second === 'keyboard-interactive' ? { UsePAM: 'yes' } : {}),
      AuthenticationMethods: `publickey,${second}`
    });
    const failure = await failureOf(dial(sshd));
    assert.equal(at(failure), 'auth-second-factor at auth');
    assert.deepEqual(failure.detail?.methods, [second]);
  });
}

test('a server that allows one attempt', async t => {
  const sshd = await bastion(t, { MaxAuthTries: '1' });
  const failure = await failureOf(
    dial({ port: sshd.port, user: sshd.user, keys: [stranger, key] })
  );
  assert.equal(at(failure), 'auth-too-many-attempts at auth');
});

test('a server that hangs up during the login', async t => {
  const sshd = await bastion(t, {
    LoginGraceTime: '1',
    AuthorizedKeysFile: 'none',
    AuthorizedKeysCommand: '/bin/sleep 30',
    AuthorizedKeysCommandUser: 'nobody'
  });
  const failure = await failureOf(dial(sshd));
  assert.equal(at(failure), 'auth-closed at auth');
});

test('an RSA key that the server does not take is refused with what to look at', async t => {
  const sshd = await bastion(t, { PubkeyAcceptedAlgorithms: 'ssh-ed25519' });
  const rsa = sshd.makeKey('rsa');
  sshd.authorize(rsa.publicKey);
  const failure = await failureOf(
    dial({ port: sshd.port, user: sshd.user, keys: [rsa] })
  );
  // This server announces signatures that it refuses, as most do.
  assert.equal(at(failure), 'auth-refused at auth');
  assert.match(failure.fix, /PubkeyAcceptedAlgorithms/);
});

test('a server that says that it takes no signatures of the type of the key', () => {
  const failure = asFailure(
    loginFailure(
      Object.assign(new Error(), { level: 'client-authentication' }),
      {
        attempts: [{ key, outcome: 'refused' }],
        methods: ['publickey'],
        signatures: ['ecdsa-sha2-nistp256']
      },
      {
        target: { host: 'bastion', port: 22, user: 'x' },
        keys: [key],
        knownKeyTypes: [],
        verifyHostKey: () => undefined,
        signal: AbortSignal.timeout(1000)
      }
    )
  );
  assert.equal(at(failure), 'auth-key-type-refused at auth');
  assert.match(failure.message, /ecdsa-sha2-nistp256/);
});

test('the second of two keys is let in, and is the one that is named', async t => {
  const sshd = await bastion(t);
  const transport = await dial({
    port: sshd.port,
    user: sshd.user,
    keys: [stranger, key]
  });
  assert.equal(transport.loginKey, key.fingerprint);
  transport.close();
});

async function opening(
  sshd: Sshd,
  host: string,
  port: number
): Promise<Failure> {
  const transport = await dial(sshd);
  try {
    return await failureOf(
      transport.openChannel(host, port, AbortSignal.timeout(60_000))
    );
  } finally {
    transport.close();
  }
}

test('what the bastion finds behind it is told apart', async t => {
  const sshd = await bastion(t);
  const found = async (host: string, port: number) =>
    at(await opening(sshd, host, port));
  assert.equal(
    await found('127.0.0.1', await freePort()),
    'forward-refused at forward'
  );
  assert.equal(
    await found('nowhere.invalid', 5432),
    'forward-name-not-found at forward'
  );
});

for (const options of [
  { AllowTcpForwarding: 'no' },
  { PermitOpen: 'db.internal:5432' }
]) {
  test(`forwarding that is not allowed: ${Object.keys(options).join()}`, async t => {
    const sshd = await bastion(t, options);
    const failure = await opening(sshd, '127.0.0.1', await freePort());
    assert.equal(at(failure), 'forward-prohibited at forward');
    assert.match(failure.fix, /AllowTcpForwarding.*PermitOpen.*permitopen/);
  });
}

test('a connection that is lost while a channel is asked for', async t => {
  const sshd = await bastion(t);
  const transport = await dial(sshd);
  const failing = failureOf(
    transport.openChannel('127.0.0.1', 1, AbortSignal.timeout(60_000))
  );
  await sshd.down();
  const failure = await failing;
  assert.match(at(failure), /^(connection-lost|forward-refused) at forward$/);
});

test('a channel that nobody wants any more is not asked for', async t => {
  const transport = await dial(await bastion(t));
  const unwanted = transport.openChannel('127.0.0.1', 1, AbortSignal.abort());
  assert.equal((await failureOf(unwanted)).code, 'cancelled');
  transport.close();
});
