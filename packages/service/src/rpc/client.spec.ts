import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { test } from 'node:test';

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
  // Not the service: it says much at once, and goes, as one does that is told to end while others use it.
  const hint = { topic: 'forwards', id: 'x', revision: 1 };
  const server = createServer(socket => {
    socket.once('data', () => {
      socket.write(message({ id: 0, result: {} }));
      socket.once('data', () => {
        const hints = Array.from({ length: 20 }, () =>
          message({ method: changedNotification, params: hint })
        );
        const ending = message({
          method: endingNotification,
          params: { reason: 'stopped' }
        });
        const answer = message({ id: 1, result: {} });
        socket.end([...hints, ending, answer].join(''));
      });
    });
  });
  server.listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = await ServiceClient.open(connect(port, '127.0.0.1'), 'test');
  const heard: string[] = [];
  client.onChanged(({ topic }) => heard.push(topic));
  client.onEnding(({ reason }) => heard.push(reason));
  const closed = new Promise<void>(resolve => client.onClose(resolve));
  const answer = await client.request('underpass/shutdown', {});
  await closed;
  assert.deepEqual(answer, {});
  assert.deepEqual(heard, [...Array<string>(20).fill('forwards'), 'stopped']);
});

function message(content: object): string {
  const body = JSON.stringify({ jsonrpc: '2.0', ...content });
  return `Content-Length: ${body.length}\r\n\r\n${body}`;
}
