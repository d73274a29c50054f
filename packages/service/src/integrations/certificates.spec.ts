import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { certificatePem as certificate } from '../testing/certificates.js';
import { postgresql } from './postgresql.js';
import { validate } from './validate.js';

const complete = { host: 'db.internal', user: 'me', database: 'shop' };
const key = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f
-----END PRIVATE KEY-----`;

/** What is kept of `pem`, in each of the two fields of certificates. */
function kept(pem: string): unknown[] {
  return ['caCertificate', 'clientCertificate'].map(field => {
    const { fields } = validate(postgresql, { ...complete, [field]: pem }, {});
    return fields[field];
  });
}

function refusals(pem: string): unknown[] {
  return ['caCertificate', 'clientCertificate'].map(field => {
    try {
      validate(postgresql, { ...complete, [field]: pem }, {});
    } catch (error) {
      assert.ok(error instanceof ServiceError);
      assert.ok(!JSON.stringify(error.failure).includes('MC4CAQAwBQ'));
      return error.failure.detail?.field;
    }
    return 'was not refused';
  });
}

test('a private key beside a certificate is refused: the field is no secret', () => {
  for (const pem of [`${key}\n${certificate}`, `${certificate}\n${key}`, key]) {
    assert.deepEqual(refusals(pem), ['caCertificate', 'clientCertificate']);
  }
});

test('each certificate of a bundle must be readable', () => {
  const damaged = certificate.replace(/\nMII/, '\nAAA');
  assert.notEqual(damaged, certificate);
  assert.deepEqual(refusals(`${certificate}\n${damaged}`), [
    'caCertificate',
    'clientCertificate'
  ]);
});

test('of a bundle the certificates are kept, without comments in any encoding', () => {
  const bundle = `\uFEFF# Autorité\n${certificate}\n\n# Zweite Behörde\n${certificate}\n`;
  const both = `${certificate}\n${certificate}`;
  assert.deepEqual(kept(bundle), [both, both]);
  const [authority] = kept(bundle.replaceAll('\n', '\r\n'));
  assert.equal(String(authority).replaceAll('\r', ''), both);
});
