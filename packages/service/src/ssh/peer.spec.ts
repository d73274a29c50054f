import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';

import { isOwnPeer, ownerOf } from './peer.js';

test('a connection of our own is recognised', async t => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  const client = connect(
    typeof address === 'object' && address ? address.port : 0,
    '127.0.0.1'
  );
  const [accepted] = await once(server, 'connection');
  assert.equal(await isOwnPeer(accepted), true);
  client.destroy();
});

test("the kernel's table names the owner of the peer's socket, not of the listener's", () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:1538 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 1 1',
    '   1: 0100007F:C350 0100007F:1538 01 00000000:00000000 00:00000000 00000000  1001        0 2 1'
  ].join('\n');
  assert.equal(ownerOf(table, '0100007F:C350', '0100007F:1538'), 1001);
  assert.equal(ownerOf(table, '0100007F:C351', '0100007F:1538'), undefined);
});

test('what is left of a closed socket belongs to nobody, though the table says root', () => {
  const table =
    '   1: 0100007F:C350 0100007F:1538 05 00000000:00000000 00:00000000 00000000     0        0 0 1';
  assert.equal(ownerOf(table, '0100007F:C350', '0100007F:1538'), undefined);
});
