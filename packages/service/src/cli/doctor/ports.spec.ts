import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';

import type { ServiceClient } from '../../rpc/client.js';
import type { Remark } from './finding.js';
import { ports } from './ports.js';

/** Listens until its stdin ends, and says on which port. */
const listen = `
  const server = require('node:net').createServer().listen(0, '127.0.0.1',
    () => console.log(server.address().port));
  process.stdin.resume().on('end', () => process.exit());`;

const own = createServer();
const neighbour = spawn(process.execPath, ['-e', listen], {
  stdio: ['pipe', 'pipe', 'inherit']
});
let foreignPort = 0;

before(async () => {
  own.listen(0, '127.0.0.1');
  await once(own, 'listening');
  const [line] = (await once(neighbour.stdout, 'data')) as [Buffer];
  foreignPort = Number(line.toString());
});

after(async () => {
  own.close();
  neighbour.stdin.end();
  await once(neighbour, 'exit');
});

/** The check, of a service that is this process and says that it has these ports. */
async function look(...localPorts: number[]): Promise<Remark[]> {
  const forwards = localPorts.map(localPort => ({
    integration: `At ${localPort}`,
    localPort
  }));
  const service = {
    request: () => Promise.resolve({ pid: process.pid, forwards })
  } as unknown as ServiceClient;
  return ports.look({
    environment: {},
    folder: '/',
    names: [],
    all: false,
    service: () => Promise.resolve(service)
  });
}

const onLinux = { skip: process.platform !== 'linux' };

test('ports that the service listens on are well', async () => {
  const { port } = own.address() as AddressInfo;
  const [finding, ...more] = await look(port);
  assert.equal(finding?.outcome, 'ok');
  assert.deepEqual(more, []);
});

test(
  'a port that another process has taken is named with its integration',
  onLinux,
  async () => {
    const { port } = own.address() as AddressInfo;
    const [finding, ...more] = await look(port, foreignPort);
    assert.equal(finding?.outcome, 'failed');
    assert.match(
      finding.message,
      new RegExp(`${foreignPort} of "At ${foreignPort}"`)
    );
    assert.deepEqual(more, []);
  }
);

test(
  'a port that nobody listens on is no port of the service',
  onLinux,
  async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as AddressInfo;
    gone.close();
    await once(gone, 'close');
    const [finding] = await look(port);
    assert.equal(finding?.outcome, 'failed');
  }
);
