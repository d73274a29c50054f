import { createPrivateKey, type KeyObject } from 'node:crypto';

import ssh2 from 'ssh2';

import {
  fingerprintOf,
  keyTypeOf,
  type OpenSshKeyPair,
  privateKeyMagic,
  toOpenSsh
} from '../../ssh/openssh.js';
import { WireReader } from '../../ssh/wire.js';
import { isTooManyRounds, isTooMuchPkcs8 } from './effort.js';
import { fromPpk } from './ppk.js';
import { type KeyOrigin, refuse, refusePassphrase } from './refusal.js';

const shortestRsa = 2048;

/**
 * Read a private key in any of the usual formats (OpenSSH, PEM with PKCS#1, SEC 1 or PKCS#8, PuTTY 2 and 3).
 * @returns the key in OpenSSH's format, without a passphrase
 * @throws ServiceError `key-invalid` with the reason, `key-passphrase` if one is needed or it is wrong
 */
export function readPrivateKey(
  given: string,
  origin: KeyOrigin,
  passphrase?: string
): OpenSshKeyPair {
  // As editors leave it: a byte order mark, the line ends of Windows, blank lines around.
  const content = given
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .trim();
  const wanted = passphrase === '' ? undefined : passphrase;
  if (content === '') {
    throw refuse(origin, 'empty');
  }
  refuseWhatIsNone(content, origin);
  const openSsh = (fromPpk(content, origin, wanted) ?? content).trim();
  const { key, comment } = openSsh.startsWith(openSshBegin)
    ? fromOpenSsh(openSsh, origin, wanted)
    : { key: fromPem(openSsh, origin, wanted), comment: '' };
  if (
    key.asymmetricKeyType === 'rsa' &&
    (key.asymmetricKeyDetails?.modulusLength ?? 0) < shortestRsa
  ) {
    throw refuse(origin, 'short-rsa');
  }
  const pair = toOpenSsh(key, oneLine(comment));
  if (!pair) {
    throw refuse(origin, key.asymmetricKeyType === 'dsa' ? 'dsa' : 'kind');
  }
  return pair;
}

const openSshBegin = '-----BEGIN OPENSSH PRIVATE KEY-----';

function refuseWhatIsNone(content: string, origin: KeyOrigin): void {
  if (
    /^(ssh-|ecdsa-|sk-)\S+ AAAA/m.test(content) ||
    /-----BEGIN (RSA |EC )?PUBLIC KEY-----/.test(content) ||
    content.startsWith('---- BEGIN SSH2 PUBLIC KEY ----')
  ) {
    throw refuse(
      origin,
      /^\S+-cert-v01@openssh\.com /.test(content) ? 'certificate' : 'public-key'
    );
  }
  if (content.startsWith('-----BEGIN CERTIFICATE-----')) {
    throw refuse(origin, 'certificate');
  }
  if (content.includes('-----BEGIN DSA PRIVATE KEY-----')) {
    throw refuse(origin, 'dsa');
  }
  if ((content.match(/^-----BEGIN .*PRIVATE KEY-----$/gm) ?? []).length > 1) {
    throw refuse(origin, 'several');
  }
}

function fromPem(
  content: string,
  origin: KeyOrigin,
  passphrase: string | undefined
): KeyObject {
  const [begin] = /-----BEGIN (\w+ )*PRIVATE KEY-----/.exec(content) ?? [];
  if (begin === undefined) {
    throw refuse(origin, 'format');
  }
  const encrypted =
    begin.includes('ENCRYPTED') || /^Proc-Type: 4,ENCRYPTED$/m.test(content);
  if (encrypted && passphrase === undefined) {
    throw refusePassphrase(origin, undefined);
  }
  const pem = content.slice(content.indexOf(begin));
  if (begin.includes('ENCRYPTED') && asksTooMuch(pem, origin)) {
    throw refuse(origin, 'too-slow');
  }
  try {
    return createPrivateKey({
      key: pem,
      ...(encrypted ? { passphrase } : {})
    });
  } catch {
    throw encrypted
      ? refusePassphrase(origin, passphrase)
      : refuse(origin, 'damaged');
  }
}

function asksTooMuch(pem: string, origin: KeyOrigin): boolean {
  try {
    return isTooMuchPkcs8(pem);
  } catch {
    throw refuse(origin, 'damaged');
  }
}

function fromOpenSsh(
  content: string,
  origin: KeyOrigin,
  passphrase: string | undefined
): { key: KeyObject; comment: string } {
  const { blob, encrypted, rounds } = inspect(content, origin);
  const type = keyTypeOf(blob);
  if (type === 'ssh-dss') {
    throw refuse(origin, 'dsa');
  }
  if (type.startsWith('sk-')) {
    throw refuse(origin, 'hardware-key');
  }
  if (!/^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521))$/.test(type)) {
    throw refuse(origin, 'kind');
  }
  if (encrypted && passphrase === undefined) {
    throw refusePassphrase(origin, undefined);
  }
  if (isTooManyRounds(rounds)) {
    throw refuse(origin, 'too-slow');
  }
  const damaged = () =>
    encrypted
      ? refusePassphrase(origin, passphrase)
      : refuse(origin, 'damaged');
  const parsed = ssh2.utils.parseKey(content, passphrase) as
    ssh2.ParsedKey | Error;
  if (parsed instanceof Error) {
    throw damaged();
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(parsed.getPrivatePEM());
  } catch {
    throw damaged();
  }
  // The two halves stand side by side: one that was exchanged would log in nowhere, or as somebody else.
  if (toOpenSsh(key, '')?.fingerprint !== fingerprintOf(blob)) {
    throw refuse(origin, 'damaged');
  }
  return { key, comment: parsed.comment };
}

/** What can be seen without the passphrase. */
function inspect(
  content: string,
  origin: KeyOrigin
): { blob: Buffer; encrypted: boolean; rounds: number } {
  const [, body] =
    /^-----BEGIN OPENSSH PRIVATE KEY-----\n([\s\S]+)\n-----END OPENSSH PRIVATE KEY-----$/.exec(
      content
    ) ?? [];
  try {
    const reader = new WireReader(Buffer.from(body ?? '', 'base64'));
    if (reader.take(privateKeyMagic.length).toString() !== privateKeyMagic) {
      throw refuse(origin, 'damaged');
    }
    const encrypted = reader.text() !== 'none';
    reader.field();
    const rounds = roundsOf(reader.field());
    if (reader.uint32() !== 1) {
      throw refuse(origin, 'several');
    }
    return { blob: reader.field(), encrypted, rounds };
  } catch (error) {
    throw error instanceof RangeError ? refuse(origin, 'damaged') : error;
  }
}

/** Of bcrypt, the only way that OpenSSH has. */
function roundsOf(options: Buffer): number {
  if (options.length === 0) {
    return 0;
  }
  const reader = new WireReader(options);
  reader.field();
  return reader.uint32();
}

/** A comment ends up in `authorized_keys`, where a line is a key. */
function oneLine(comment: string): string {
  return comment.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
