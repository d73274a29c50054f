/** Several services on one home, as when hosts share it. A process is a host here: they share nothing but the files. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { Store } from './store.js';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'underpass-hosts-'));
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

const module = new URL('store.ts', import.meta.url).href;
const count = 30;

/** Adds, one after the other without a pause, and stays until nobody can undo it any more. */
const adding = (host: string) => `
  const { Store } = await import(${JSON.stringify(module)});
  const store = new Store(${JSON.stringify(home)});
  process.stdout.write('ready');
  await new Promise(resolve => process.stdin.once('data', resolve));
  for (let number = 0; number < ${count}; number++) {
    const name = '${host} ' + number;
    const { id } = store.add('postgresql', name, {}, { password: name });
    store.setConnected('/' + name, id, true);
    await new Promise(resolve => setImmediate(resolve));
  }
  process.stdin.once('end', () => process.exit(0));
`;

test('what several hosts add at the same moment is all there, with its secrets', async () => {
  const hosts = ['red', 'green', 'blue'].map(host => {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', adding(host)],
      { stdio: ['pipe', 'pipe', 'inherit'] }
    );
    return { host, child };
  });
  await Promise.all(hosts.map(({ child }) => once(child.stdout, 'data')));
  hosts.forEach(({ child }) => child.stdin.write('go'));
  const wanted = hosts
    .flatMap(({ host }) =>
      Array.from({ length: count }, (_, number) => `${host} ${number}`)
    )
    .sort();
  const store = new Store(home);
  const deadline = Date.now() + 20_000;
  const isComplete = () =>
    store.integrations().length === wanted.length &&
    store.vault.names().length === wanted.length &&
    Object.keys(store.projects()).length === wanted.length;
  while (!isComplete() && Date.now() < deadline) {
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  hosts.forEach(({ child }) => child.stdin.end());
  await Promise.all(hosts.map(({ child }) => once(child, 'exit')));
  assert.deepEqual(
    store
      .integrations()
      .map(({ name }) => name)
      .sort(),
    wanted
  );
  for (const { id, name } of store.integrations()) {
    assert.deepEqual(store.secrets(id), { password: name });
    assert.deepEqual(store.projects()[`/${name}`], [id]);
  }
  assert.deepEqual(store.problems(), []);
  assert.deepEqual(
    readdirSync(home).filter(name => name.endsWith('.tmp')),
    []
  );
});

test('a process that is killed while it writes leaves the old file, and its leftovers go with the next start', () => {
  const path = join(home, 'workspace.json');
  new Store(home).add('ssh-tunnel', 'Kept', {}, {});
  const atomicFile = new URL('atomicFile.ts', import.meta.url).href;
  const { signal } = spawnSync(process.execPath, [
    ...['--import', 'tsx', '--input-type=module', '-e'],
    `const { prepareFile } = await import(${JSON.stringify(atomicFile)});
     prepareFile(${JSON.stringify(path)}, 'half');
     process.kill(process.pid, 'SIGKILL');`
  ]);
  assert.equal(signal, 'SIGKILL');
  const left = () =>
    readdirSync(home).filter(name => /^\.workspace\.json\..*tmp$/.test(name));
  assert.equal(left().length, 1);
  assert.equal(new Store(home).find('Kept').name, 'Kept');
  assert.deepEqual(left(), []);
});

test('what is being written, here or on another host, is not taken for a leftover', () => {
  const own = join(home, `.workspace.json.0123456789ab-1-0123456789ab.tmp`);
  const old = join(home, `.workspace.json.0123456789ab-2-0123456789ab.tmp`);
  const others = join(home, 'notes.tmp');
  for (const path of [own, old, others]) {
    writeFileSync(path, '');
  }
  const longAgo = Date.now() / 1000 - 2 * 60 * 60;
  utimesSync(old, longAgo, longAgo);
  utimesSync(others, longAgo, longAgo);
  new Store(home);
  assert.ok(existsSync(own));
  assert.ok(!existsSync(old));
  assert.ok(existsSync(others));
});
