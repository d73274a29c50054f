import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isSecretName, withoutAddresses, withoutLogin } from './report.js';

test('addresses are hidden, times, versions and this machine are not', () => {
  assert.equal(
    withoutAddresses(
      'to 10.1.2.3:22, 2001:db8::17, fe80::1, 2001:db8:0:0:0:0:0:1 and [2001:db8::5]:22'
    ),
    'to ADDRESS:22, ADDRESS, ADDRESS, ADDRESS and [ADDRESS]:22'
  );
  const kept =
    '127.0.0.1:5432 ::1 [::1]:22 2026-01-31T10:56:30.538Z 20.20.2 SHA256:abc a::b';
  assert.equal(withoutAddresses(kept), kept.replace('a::b', 'ADDRESS'));
});

test('what is in a URL before the host is hidden', () => {
  assert.equal(
    withoutLogin('proxy http://me:secret@proxy:3128, postgres://u@h/db'),
    'proxy http://***@proxy:3128, postgres://***@h/db'
  );
});

test('variables that hold a secret are told from those that name a file', () => {
  const secret = ['JUPYTER_TOKEN', 'PGPASSWORD', 'API_KEY', 'DB_PASS'];
  const harmless = ['UNDERPASS_HOME', 'UNDERPASS_PRIVATE_KEY_FILE', 'LANG'];
  assert.deepEqual(secret.filter(isSecretName), secret);
  assert.deepEqual(harmless.filter(isSecretName), []);
});
