import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

import { changedNotification, endingNotification } from '@underpass/protocol';

import { ServiceError } from '../serviceError.js';
import { ServiceClient } from './client.js';

test('a request fails when the service ends without an answer', async t => {
  // Not the service: something that listens, and goes away at the first word.
  const server = createServer(socket =>
    socket.once('data', () => socket.end())
  );
  server.listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  await assert.rejects(
    ServiceClient.open(connect(port, '127.0.0.1'), 'test'),
    (error: unknown) =>
      error instanceof ServiceError &&
      error.failure.code === 'service-unavailable'
  );
});

test('what was said before the end is heard before it', async t => {
  const client = await ServiceClient.open(
    await talkative(t, [
      message({ method: endingNotification, params: { reason: 'stopped' } }),
      message({ id: 1, result: {} })
    ]),
    'test'
  );
  const heard: string[] = [];
  client.onChanged(({ topic }) => heard.push(topic));
  client.onEnding(({ reason }) => heard.push(reason));
  const closed = new Promise<void>(resolve => client.onClose(resolve));
  const answer = await client.request('underpass/shutdown', {});
  await closed;
  assert.deepEqual(answer, {});
  assert.deepEqual(heard, [
    ...Array<string>(hints).fill('forwards'),
    'stopped'
  ]);
});

test('who has heard enough is kept by nothing that is still to come', async t => {
  const socket = await talkative(t, []);
  const client = await ServiceClient.open(socket, 'test');
  const first = new Promise<void>(resolve =>
    client.onChanged(() => {
      client.close();
      resolve();
    })
  );
  await assert.rejects(client.request('underpass/shutdown', {}));
  await first;
  await (socket.closed ? undefined : once(socket, 'close'));
  for (let turns = 0; turns < 20; turns++) {
    await turn();
  }
  assert.deepEqual(
    process.getActiveResourcesInfo().filter(name => name === 'Immediate'),
    []
  );
});

/** Hints that come before the last words. */
const hints = 20;

/**
 * Connect to something that is not the service: at the second request it says much at once, and goes, as a service does
 * that is told to end while others use it.
 */
async function talkative(
  t: TestContext,
  lastWords: readonly string[]
): Promise<Socket> {
  const hint = message({
    method: changedNotification,
    params: { topic: 'forwards', id: 'x', revision: 1 }
  });
  const server = createServer(socket => {
    socket.once('data', () => {
      socket.write(message({ id: 0, result: {} }));
      socket.once('data', () =>
        socket.end([...Array<string>(hints).fill(hint), ...lastWords].join(''))
      );
    });
  });
  server.listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return connect(port, '127.0.0.1');
}

function message(content: object): string {
  const body = JSON.stringify({ jsonrpc: '2.0', ...content });
  return `Content-Length: ${body.length}\r\n\r\n${body}`;
}
