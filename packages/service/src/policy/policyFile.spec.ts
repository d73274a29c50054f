import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { features } from '@underpass/protocol';

import { PolicyFile, policyFilePath } from './policyFile.js';

const folder = mkdtempSync(join(tmpdir(), 'underpass-policy-'));
after(() => rmSync(folder, { recursive: true }));

/** What a file with this content, or none, says at once. */
function read(name: string, content?: string, named = false) {
  const path = join(folder, name);
  if (content !== undefined) {
    writeFileSync(path, content);
  }
  const file = new PolicyFile(path, named, 20);
  file.close();
  return file.rules;
}

test('a machine without a policy file has no policy', () => {
  assert.equal(read('none.json').switchedOff.size, 0);
  assert.deepEqual(read('none.json').problems, []);
  assert.equal(read('none/deeper.json').switchedOff.size, 0);
});

test('a file that the environment names and that is not there switches everything off', () => {
  const { switchedOff, problems } = read('none.json', undefined, true);
  assert.equal(switchedOff.size, features.length);
  assert.match(problems[0] ?? '', /none.json can not be read \(ENOENT\)/);
});

test('a file that is not JSON, no object or no file switches everything off', () => {
  mkdirSync(join(folder, 'folder.json'));
  symlinkSync('loop.json', join(folder, 'loop.json'));
  for (const rules of [
    read('half.json', '{"sshTunnels": tr'),
    read('empty.json', ''),
    read('list.json', '[]'),
    read('folder.json'),
    read('loop.json')
  ]) {
    assert.equal(rules.switchedOff.size, features.length);
    assert.equal(rules.problems.length, 1);
    assert.match(rules.problems[0] ?? '', /can not be read/);
  }
});

test('a mark in front of the text is no obstacle', () => {
  const { switchedOff, problems } = read('mark.json', '\uFEFF{"egress":false}');
  assert.deepEqual([...switchedOff], ['egress']);
  assert.deepEqual(problems, []);
});

test('a file that comes, is replaced and goes takes effect while the service runs', async () => {
  const path = join(folder, 'living.json');
  const file = new PolicyFile(path, false, 20);
  // Its own timer keeps no process alive.
  const alive = setInterval(() => undefined, 1000);
  const changed = async (change: () => void) => {
    const seen = once(file, 'changed');
    change();
    await seen;
    return [...file.rules.switchedOff];
  };
  try {
    assert.deepEqual(
      await changed(() => writeFileSync(path, '{"egress": false}')),
      ['egress']
    );
    writeFileSync(`${path}.new`, '{"caUpload": false}');
    assert.deepEqual(await changed(() => renameSync(`${path}.new`, path)), [
      'caUpload'
    ]);
    assert.deepEqual(await changed(() => rmSync(path)), []);
  } finally {
    clearInterval(alive);
    file.close();
  }
});

test('the environment names another file; an empty name is none', () => {
  assert.deepEqual(policyFilePath({ UNDERPASS_POLICY_FILE: '/x.json' }), {
    path: '/x.json',
    named: true
  });
  assert.equal(policyFilePath({ UNDERPASS_POLICY_FILE: '' }).named, false);
});

test('without a name it is the place of the system', () => {
  const places: { [platform: string]: string } = {
    linux: '/etc/underpass/policy.json',
    darwin: '/Library/Application Support/Underpass/policy.json',
    win32: 'D:\\Data\\Underpass\\policy.json'
  };
  for (const [platform, path] of Object.entries(places)) {
    const environment = { ProgramData: 'D:\\Data' };
    assert.equal(policyFilePath(environment, platform).path, path);
  }
});
