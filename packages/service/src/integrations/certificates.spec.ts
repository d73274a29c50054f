import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { postgresql } from './postgresql.js';
import { validate } from './validate.js';

const complete = { host: 'db.internal', user: 'me', database: 'shop' };
/** Of an authority that nobody trusts. */
const certificate = `-----BEGIN CERTIFICATE-----
MIIBUTCCAQOgAwIBAgIURcQJ2pWz4PgWoLe8oi3qwu5A2J0wBQYDK2VwMB0xGzAZ
BgNVBAMMEk5vYm9keSdzIGF1dGhvcml0eTAgFw0yNjExMjMwNzU5MjRaGA8yMTI2
MTAzMDA3NTkyNFowHTEbMBkGA1UEAwwSTm9ib2R5J3MgYXV0aG9yaXR5MCowBQYD
K2VwAyEAcmRyymGKwKPbNa3CoYQBgletU+m7RRRR4ZaMV7ZNYMajUzBRMB0GA1Ud
DgQWBBRf9PH9droTN8EA2qw00Ty/yoDT4zAfBgNVHSMEGDAWgBRf9PH9droTN8EA
2qw00Ty/yoDT4zAPBgNVHRMBAf8EBTADAQH/MAUGAytlcANBAPwFL6g8Aoim/5lX
LEVtCYC0htUT/8rW6Vsuilp9qz1S0iY53By/LY9NGJhmPAiJNyEdEb06Q7MVniwA
03PKzQ0=
-----END CERTIFICATE-----`;
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
