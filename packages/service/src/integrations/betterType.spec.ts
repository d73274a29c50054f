import assert from 'node:assert/strict';
import { test } from 'node:test';

import { betterType } from './betterType.js';
import { definitionOf } from './registry.js';

const tunnel = {
  remoteHost: 'db.internal',
  sshHost: 'bastion',
  sshPort: 2222,
  sshUser: 'ada'
};

test('a tunnel to the port of a system is better added as that system', () => {
  const better = betterType({ ...tunnel, remotePort: 5432 }, () => true);
  assert.deepEqual(better, {
    type: 'postgresql',
    label: 'PostgreSQL',
    port: 5432,
    fields: {
      host: 'db.internal',
      port: 5432,
      sshEnabled: true,
      sshHost: 'bastion',
      sshPort: 2222,
      sshUser: 'ada'
    }
  });
});

test('a port that only a browser uses is replaced by the one of the system', () => {
  const better = betterType({ ...tunnel, remotePort: 9047 }, () => true);
  assert.equal(better?.type, 'dremio');
  assert.equal(better.fields.port, 32010);
});

test('nothing is advised for other ports, nor what is switched off', () => {
  assert.equal(
    betterType({ ...tunnel, remotePort: 8080 }, () => true),
    undefined
  );
  assert.equal(
    betterType({ ...tunnel, remotePort: 5432 }, () => false),
    undefined
  );
});

test('the form that is filled in has these fields', () => {
  for (const remotePort of [1433, 3306, 5432, 5439, 8123, 9047, 27017, 47335]) {
    const better = betterType({ ...tunnel, remotePort }, () => true);
    assert.ok(better, String(remotePort));
    const known = Object.keys(definitionOf(better.type).shape);
    for (const field of Object.keys(better.fields)) {
      assert.ok(known.includes(field), `${better.type}: ${field}`);
    }
  }
});
