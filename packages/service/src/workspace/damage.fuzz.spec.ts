/** Whatever happens to a file: the service starts, the damaged file is kept, and nothing goes without a word. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { asFailure } from '../serviceError.js';
import { Store } from './store.js';

/** In memory where there is such a place: thousands of files are synced here. */
const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const home = mkdtempSync(join(place, 'underpass-fuzz-'));
const files = ['workspace.json', 'vault.json'];
const whole = new Map<string, Buffer>();
/** What each integration is, with its secrets. */
let expected: string[];

before(() => {
  const store = new Store(home);
  for (const name of ['One', 'Büro', 'Three']) {
    const { id } = store.add(
      'postgresql',
      name,
      { host: 'db.internal', user: 'me', database: name },
      { password: `of ${name}` }
    );
    store.setConnected('/project', id, true);
  }
  for (const name of readdirSync(home)) {
    whole.set(name, readFileSync(join(home, name)));
  }
  expected = contents(store);
});
after(() => {
  rmSync(home, { recursive: true });
});

function contents(store: Store): string[] {
  return store.integrations().map(integration => {
    const { id } = integration;
    return JSON.stringify([integration, secretsOf(store, id)]);
  });
}

function secretsOf(store: Store, id: string): unknown {
  try {
    return store.secrets(id);
  } catch (error) {
    return asFailure(error).code;
  }
}

function reset({ copies }: { copies: boolean }): void {
  for (const name of readdirSync(home)) {
    if (!whole.has(name)) {
      rmSync(join(home, name));
    }
  }
  for (const [name, content] of whole) {
    const path = join(home, name);
    if (copies || !name.endsWith('.last-good')) {
      writeFileSync(path, content);
    } else {
      rmSync(path, { force: true });
    }
  }
}

function check(file: string, damaged: Buffer, copies: boolean): void {
  reset({ copies });
  const path = join(home, file);
  writeFileSync(path, damaged);
  const store = new Store(home);
  const problems = store.problems();
  let found: string[];
  try {
    found = contents(store);
  } catch (error) {
    assert.equal(asFailure(error).code, 'storage-newer');
    assert.ok(readFileSync(path).equals(damaged));
    assert.equal(problems.length, 1);
    return;
  }
  if (problems.length === 0) {
    assert.deepEqual(found, expected);
    return;
  }
  const codes = problems.map(({ failure }) => failure.code);
  if (codes.includes('storage-newer')) {
    assert.ok(readFileSync(path).equals(damaged));
    return;
  }
  assert.ok(
    problems.some(({ keptAs = '' }) => readFileSync(keptAs).equals(damaged))
  );
  if (copies) {
    const same = found.filter(one => expected.includes(one));
    // One bit is in one integration, or in none.
    assert.ok(found.length === 3 && same.length >= 2, String(found));
  }
  // It was repaired: the next start has nothing more to say.
  assert.deepEqual(new Store(home).problems(), problems);
  assert.deepEqual(contents(new Store(home)), found);
}

/** The same numbers with every run, from 0 to below `limit`. */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return limit => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

for (const file of files) {
  for (const copies of [true, false]) {
    const without = copies ? '' : ' without a last good copy';

    test(`${file}${without}, cut at any byte`, () => {
      const content = whole.get(file) as Buffer;
      const step = copies ? 1 : 7;
      for (let length = 0; length < content.length; length += step) {
        check(file, content.subarray(0, length), copies);
      }
    });

    test(`${file}${without}, with any bit flipped`, () => {
      const content = whole.get(file) as Buffer;
      const random = numbers(1);
      for (let round = 0; round < 500; round++) {
        const damaged = Buffer.from(content);
        const at = random(content.length);
        damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << random(8)), at);
        check(file, damaged, copies);
      }
    });

    test(`${file}${without}, with a piece of rubbish or zeros in it`, () => {
      const content = whole.get(file) as Buffer;
      const random = numbers(2);
      for (let round = 0; round < 200; round++) {
        const damaged = Buffer.from(content);
        const at = random(content.length);
        const end = Math.min(content.length, at + 1 + random(64));
        for (let byte = at; byte < end; byte++) {
          damaged.writeUInt8(round % 2 === 0 ? 0 : random(256), byte);
        }
        check(file, damaged, copies);
      }
    });
  }
}
