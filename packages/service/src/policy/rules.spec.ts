import assert from 'node:assert/strict';
import { test } from 'node:test';

import { features } from '@underpass/protocol';

import { readRules } from './rules.js';

const where = '/etc/underpass/policy.json';

test('what is not mentioned is allowed', () => {
  assert.deepEqual(readRules({}, where), {
    switchedOff: new Set(),
    egressAddresses: [],
    remarks: [],
    problems: []
  });
});

test('what is false is switched off, and addresses are read', () => {
  const rules = readRules(
    {
      sshTunnels: true,
      caUpload: false,
      egressAddresses: ['9.9.9.9', '8.8.8.8/24']
    },
    where
  );
  assert.deepEqual([...rules.switchedOff], ['caUpload']);
  assert.deepEqual(rules.egressAddresses, ['9.9.9.9', '8.8.8.0/24']);
  assert.equal(rules.remarks.length, 1);
  assert.deepEqual(rules.problems, []);
});

test('a switch that is neither true nor false is off, and that is said', () => {
  for (const value of ['no', 0, null, [], 'true', 1]) {
    const { switchedOff, problems } = readRules({ sshTunnels: value }, where);
    assert.deepEqual([...switchedOff], ['sshTunnels']);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /sshTunnels must be true or false, not/);
    assert.match(problems[0] ?? '', /taken as false/);
  }
});

test('an unknown member does nothing, and the message names those that there are', () => {
  const { switchedOff, problems } = readRules({ sshTunnel: false }, where);
  assert.equal(switchedOff.size, 0);
  assert.match(problems[0] ?? '', /unknown member "sshTunnel"/);
  for (const feature of features) {
    assert.ok(problems[0]?.includes(feature));
  }
});

test('an entry that is no address is left out, the others stay', () => {
  const { egressAddresses, problems } = readRules(
    { egressAddresses: ['9.9.9.9', 'proxy.example.org', 7, '1.1.1.1'] },
    where
  );
  assert.deepEqual(egressAddresses, ['9.9.9.9', '1.1.1.1']);
  assert.equal(problems.length, 2);
  assert.match(problems.join(' '), /"proxy.example.org" is a name/);
  assert.match(problems.join(' '), /7 is no text/);
});

test('a list that is none is left out', () => {
  const { egressAddresses, problems } = readRules(
    { egressAddresses: '9.9.9.9' },
    where
  );
  assert.deepEqual(egressAddresses, []);
  assert.match(problems[0] ?? '', /must be a list/);
});

test('what is no object at all switches everything off', () => {
  for (const content of [[], 'x', 7, null, undefined]) {
    const { switchedOff, problems } = readRules(content, where);
    assert.deepEqual([...switchedOff], [...features]);
    assert.match(problems[0] ?? '', /everything that can be is switched off/);
  }
});
