import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { connectToService } from './launch.js';
import { ServiceClient } from './client.js';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'underpass-single-'));
process.env.UNDERPASS_HOME = join(folder, 'home');
process.env.UNDERPASS_RUNTIME_DIR = join(folder, 'runtime');

after(() => rmSync(folder, { recursive: true }));

/** Start a service process; resolves with what it printed and a way to end it. */
async function start() {
  const child = spawn(process.execPath, ['--import', 'tsx', main, 'serve'], {
    stdio: ['ignore', 'pipe', 'inherit']
  });
  const [line] = (await once(
    createInterface({ input: child.stdout }),
    'line'
  )) as [string];
  return { child, ...(JSON.parse(line) as { socket: string; pid: number }) };
}

async function servicePid(): Promise<number> {
  const client = await ServiceClient.open(await connectToService(), 'test');
  const { pid } = await client.request('underpass/status', {});
  client.close();
  return pid;
}

test('of eight services started at once one stays, also over a stale socket and a lock of the dead', async () => {
  const first = await start();
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  assert.ok(
    statSync(first.socket).isSocket(),
    'the killed one left its socket'
  );
  const dead = Number(
    execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' })
  );
  writeFileSync(first.socket.replace(/sock$/, 'pid'), `${dead} 1`);

  const started = await Promise.all(Array.from({ length: 8 }, start));
  const survivor = await servicePid();
  const others = started.filter(({ child }) => child.pid !== survivor);
  await Promise.all(
    others.map(async ({ child }) => {
      if (child.exitCode === null) {
        await once(child, 'exit');
      }
    })
  );
  assert.equal(others.length, 7);
  assert.equal(statSync(first.socket).mode & 0o777, 0o600);
  started.find(({ child }) => child.pid === survivor)?.child.kill('SIGTERM');
});
