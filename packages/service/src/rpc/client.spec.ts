import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';

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
