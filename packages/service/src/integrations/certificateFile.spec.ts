import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { certificatePem } from '../testing/certificates.js';
import { readCertificates } from './certificateFile.js';

const folder = mkdtempSync(join(tmpdir(), 'underpass-certificates-'));
after(() => rmSync(folder, { recursive: true }));

/** A certificate by OpenSSL itself. */
function issue(subject: string, ca: boolean, days: number): string {
  const path = join(folder, `${Math.random()}.pem`);
  const options = [
    ...['req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', '/dev/null'],
    ...['-subj', subject, '-days', String(days), '-out', path],
    ...['-addext', `basicConstraints=critical,CA:${ca ? 'TRUE' : 'FALSE'}`]
  ];
  execFileSync('openssl', options, { stdio: 'ignore' });
  return readFileSync(path, 'utf8');
}

const ca = issue('/C=DE/O=Our company/CN=Our root', true, 3650);
const server = issue('/CN=db.internal', false, 3650);

const read = (content: string | Buffer, now?: Date) =>
  readCertificates(Buffer.from(content as string), 'ca', now);

function refusal(content: string | Buffer): string {
  try {
    read(content);
  } catch (error) {
    assert.ok(error instanceof ServiceError);
    assert.equal(error.failure.code, 'invalid-field');
    return error.failure.message;
  }
  assert.fail('was not refused');
}

test('subject, issuer and expiry of a CA certificate are told, the name first', () => {
  const [certificate] = read(ca).certificates;
  assert.equal(certificate?.subject, 'CN=Our root, O=Our company, C=DE');
  assert.equal(certificate.issuer, certificate.subject);
  assert.equal(certificate.ca, true);
  assert.equal(
    certificate.until,
    new Date(new X509Certificate(ca).validTo).toISOString()
  );
  assert.deepEqual(certificate.warnings, []);
});

test('several certificates in one file are all told, and kept without what else stands there', () => {
  const bundle = `# our authorities\n${ca}\nSubject: nobody\n${certificatePem}\n`;
  const { pem, certificates } = read(bundle);
  assert.deepEqual(
    certificates.map(({ subject }) => subject),
    ['CN=Our root, O=Our company, C=DE', "CN=Nobody's authority"]
  );
  assert.equal(pem, `${ca.trim()}\n${certificatePem}`);
});

test('a certificate that expired, is not valid yet, expires soon or is no CA is warned of', () => {
  const at = (days: number) => {
    const now = new Date(Date.now() + days * 24 * 3600 * 1000);
    return read(ca, now).certificates[0]?.warnings.join() ?? '';
  };
  assert.match(at(4000), /^It expired on \d{4}-\d\d-\d\d: /);
  assert.match(at(-2), /not yet/);
  assert.match(at(3640), /^It expires on /);
  const [leaf] = read(server).certificates;
  assert.match(leaf?.warnings.join() ?? '', /not a CA certificate/);
  const [client] = readCertificates(Buffer.from(ca), 'client').certificates;
  assert.match(client?.warnings.join() ?? '', /is a CA certificate/);
});

test('DER, PEM in UTF-16 and PEM without its first and last line become PEM', () => {
  const { raw } = new X509Certificate(ca);
  const bare = ca.replace(/-----.*-----\n/g, '');
  const utf16 = Buffer.from(`\uFEFF${ca}`, 'utf16le');
  for (const content of [raw, utf16, bare]) {
    const { pem } = read(content as Buffer);
    assert.equal(
      new X509Certificate(pem).fingerprint256,
      read(ca).certificates[0]?.fingerprint
    );
    assert.ok(pem.startsWith('-----BEGIN CERTIFICATE-----\n'));
  }
});

test('what is no certificate is refused with what it is', () => {
  assert.match(refusal('hello'), /no certificate in PEM or DER/);
  assert.match(refusal(''), /no certificate in PEM or DER/);
  assert.match(refusal(Buffer.from([0x30, 0x82, 1, 2, 3])), /no certificate/);
  assert.match(refusal(ca.slice(0, 200)), /has no end/);
  assert.match(refusal(ca.replace(/\nM/, '\nA')), /is damaged/);
  assert.match(
    refusal(`${ca}${server.replace(/\nM/, '\nA')}`),
    /Certificate 2 of 2 is damaged/
  );
  assert.match(
    refusal('-----BEGIN CERTIFICATE REQUEST-----\nMII\n'),
    /no certificate but: certificate request/
  );
});

test('a private key is refused, and nothing of it is told', () => {
  const key =
    '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n-----END PRIVATE KEY-----';
  assert.match(refusal(`${ca}${key}`), /private key/);
  assert.ok(!refusal(key).includes('MC4CAQ'));
});
