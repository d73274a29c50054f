/**
 * Certificates as people have them: PEM, DER, bundles with comments.
 */
import { X509Certificate } from 'node:crypto';

import type { CertificateDescription } from '@underpass/protocol';

import { fail } from '../serviceError.js';

/** Bundles of the authorities of a whole system have some hundred. */
const most = 500;
/** Milliseconds of a month: time to ask for another one. */
const soon = 30 * 24 * 3600 * 1000;

export type CertificatePurpose = 'ca' | 'client';

export interface CertificateFile {
  /** One after another, and nothing else. */
  pem: string;
  certificates: CertificateDescription[];
}

/** The PEM blocks of certificates in a text. */
export function certificateBlocks(pem: string): string[] {
  const blocks = pem.match(
    /-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs
  );
  return blocks ?? [];
}

/**
 * Read a file of certificates.
 * @param now for tests
 * @throws ServiceError `invalid-field`, without a word of what may be a private key
 */
export function readCertificates(
  content: Buffer,
  purpose: CertificatePurpose,
  now = new Date()
): CertificateFile {
  const text = textOf(content);
  if (text.includes('PRIVATE KEY-----')) {
    throw refused(
      'This holds a private key, which is a secret and nobody else may have.',
      purpose === 'ca'
        ? 'Choose the file of the CA certificate: it holds certificates alone.'
        : 'Give the certificate here, and the private key in the field for it.'
    );
  }
  const blocks = certificateBlocks(text);
  if (blocks.length > most) {
    throw refused(
      `This holds ${blocks.length} certificates, more than ${most}.`,
      'Choose a file with those that are needed.'
    );
  }
  const certificates =
    blocks.length > 0
      ? blocks.map((block, index) => parsePem(block, index, blocks.length))
      : [parseDer(content, text)];
  return {
    pem: certificates
      .map((certificate, index) => blocks[index] ?? certificate.toString())
      .map(block => block.trim())
      .join('\n'),
    certificates: certificates.map(certificate =>
      describe(certificate, purpose, now)
    )
  };
}

/** Windows writes UTF-16 where nobody asked for it. */
function textOf(content: Buffer): string {
  return content[0] === 0xff && content[1] === 0xfe
    ? content.toString('utf16le')
    : content.toString('latin1');
}

function parsePem(block: string, index: number, all: number): X509Certificate {
  try {
    return new X509Certificate(block);
  } catch {
    throw refused(
      all === 1
        ? 'The certificate is damaged: it begins as one and can not be read.'
        : `Certificate ${index + 1} of ${all} is damaged: it begins as one and can not be read.`,
      'Copy it again, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.'
    );
  }
}

function parseDer(content: Buffer, text: string): X509Certificate {
  const begins = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text)?.[1];
  if (begins === 'CERTIFICATE') {
    throw refused(
      'The certificate has no end.',
      'Copy it with its last line, -----END CERTIFICATE-----.'
    );
  }
  if (begins) {
    throw refused(
      `This is no certificate but: ${begins.toLowerCase()}.`,
      'Choose the file that begins with -----BEGIN CERTIFICATE-----.'
    );
  }
  try {
    return new X509Certificate(content);
  } catch {
    // A certificate whose lines somebody copied without the first and the last.
    const bare = text.replace(/\s+/g, '');
    if (/^MII[A-Za-z0-9+/]+={0,2}$/.test(bare)) {
      try {
        return new X509Certificate(Buffer.from(bare, 'base64'));
      } catch {
        // Said below.
      }
    }
    throw refused(
      'This is no certificate in PEM or DER.',
      'Choose the file that begins with -----BEGIN CERTIFICATE-----, or ask who runs the server for it.'
    );
  }
}

function describe(
  certificate: X509Certificate,
  purpose: CertificatePurpose,
  now: Date
): CertificateDescription {
  const from = new Date(certificate.validFrom);
  const until = new Date(certificate.validTo);
  const day = (date: Date) => date.toISOString().slice(0, 10);
  const warnings: string[] = [];
  if (until < now) {
    warnings.push(
      `It expired on ${day(until)}: servers with its certificates are refused.`
    );
  } else if (from > now) {
    warnings.push(`It is valid from ${day(from)} on, not yet.`);
  } else if (until.getTime() - now.getTime() < soon) {
    warnings.push(`It expires on ${day(until)}. Ask for the next one.`);
  }
  if (purpose === 'ca' && !certificate.ca) {
    warnings.push(
      'It is not a CA certificate: it can issue no others. It fits only a server that shows exactly this one.'
    );
  }
  if (purpose === 'client' && certificate.ca) {
    warnings.push(
      'It is a CA certificate: what a client shows is issued by one.'
    );
  }
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    from: from.toISOString(),
    until: until.toISOString(),
    fingerprint: certificate.fingerprint256,
    ca: certificate.ca,
    warnings
  };
}

/** Node writes one part a line, the most general first. */
function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').filter(Boolean).reverse().join(', ');
}

function refused(message: string, fix: string): Error {
  return fail('invalid-field', 'request', message, fix, { field: 'content' });
}
