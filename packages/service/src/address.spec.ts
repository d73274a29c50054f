import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hostPort, parseHostPort } from './address.js';

test('what is printed can be typed in again', () => {
  for (const host of ['bastion.example.org', '10.0.0.1', '2001:db8::1']) {
    const address = { host, port: 2222 };
    assert.deepEqual(parseHostPort(hostPort(address), 22), address);
  }
});

test('the standard port stands in where none is given', () => {
  for (const text of ['2001:db8::1', '[2001:db8::1]']) {
    assert.deepEqual(parseHostPort(text, 22), {
      host: '2001:db8::1',
      port: 22
    });
  }
  assert.deepEqual(parseHostPort('bastion', 22), { host: 'bastion', port: 22 });
});

test('what is no address is refused', () => {
  for (const text of [
    '',
    ':22',
    'host:',
    'host:99999',
    'a:b:c',
    '[::1',
    'host:22:x'
  ]) {
    assert.equal(parseHostPort(text, 22), undefined, text);
  }
});
