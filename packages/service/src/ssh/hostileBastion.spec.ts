import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test, type TestContext } from 'node:test';

import type { Failure } from '@underpass/protocol';
import ssh2 from 'ssh2';

import { asFailure } from '../serviceError.js';
import { listenAnywhere } from '../testing/echoTunnel.js';
import { generateEd25519 } from './openssh.js';
import { ssh2Engine } from './ssh2Engine.js';

/** Sets the title of a terminal, and begins a line of its own. */
const trick = '\x1b]0;owned\x07\u202e\r\nAll is well';
const key = generateEd25519('test');

async function failureAt(port: number): Promise<Failure> {
  try {
    await ssh2Engine.connect({
      target: { host: '127.0.0.1', port, user: 'x' },
      keys: [key],
      knownKeyTypes: [],
      verifyHostKey: () => undefined,
      signal: AbortSignal.timeout(60_000)
    });
  } catch (error) {
    return asFailure(error);
  }
  return assert.fail('it worked');
}

function assertHarmless(failure: Failure): void {
  assert.doesNotMatch(JSON.stringify(failure), /\\u00|\\[rn]|\u202e/);
}

/** RFC 4253, 6 and 11.1: not encrypted, as before the exchange of keys. */
function disconnection(words: string): Buffer {
  const text = Buffer.from(words);
  const payload = Buffer.alloc(13 + text.length);
  payload[0] = 1;
  payload.writeUInt32BE(2, 1);
  payload.writeUInt32BE(text.length, 5);
  text.copy(payload, 9);
  const padding = 8 - ((5 + payload.length) % 8) + 8;
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + payload.length + padding);
  head[4] = padding;
  return Buffer.concat([head, payload, Buffer.alloc(padding)]);
}

async function impostor(t: TestContext, methods: string[]): Promise<number> {
  const server = new ssh2.Server(
    { hostKeys: [generateEd25519('host').privateKey] },
    client => {
      client
        .on('error', () => undefined)
        .on('authentication', context => context.reject(methods as never[]));
    }
  );
  t.after(() => server.close());
  return listenAnywhere(server as never);
}

test('what a server says as it hangs up is shown without what a terminal would obey', async t => {
  const server = createServer(socket => {
    socket.on('error', () => undefined);
    socket.write('SSH-2.0-Impostor\r\n');
    socket.end(disconnection(trick));
  });
  t.after(() => server.close());
  const failure = await failureAt(await listenAnywhere(server));
  assert.equal(failure.code, 'handshake-failed');
  assert.match(failure.message, /owned/);
  assertHarmless(failure);
});

test('the methods that a server names are shown without what a terminal would obey', async t => {
  const failure = await failureAt(await impostor(t, ['publickey', trick]));
  assert.equal(failure.code, 'auth-refused');
  assert.match(failure.message, /owned/);
  assertHarmless(failure);
});

test('however many methods a server names, a failure stays short', async t => {
  const many = Array.from({ length: 2_000 }, (_, index) => `method-${index}`);
  const failure = await failureAt(await impostor(t, ['publickey', ...many]));
  assert.equal(failure.code, 'auth-refused');
  assert.ok(JSON.stringify(failure).length < 10_000);
});
