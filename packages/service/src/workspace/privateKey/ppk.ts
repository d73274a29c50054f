/**
 * PuTTY's files of private keys, versions 2 and 3 (PuTTY's manual, appendix C). ssh2 reads only version 2, and of it
 * neither ECDSA nor Ed25519.
 */
import {
  createDecipheriv,
  createHash,
  createHmac,
  timingSafeEqual
} from 'node:crypto';

import { argon2d, argon2i, argon2id } from '@noble/hashes/argon2.js';

import { ed25519, keyPair, keyTypeOf } from '../../ssh/openssh.js';
import { field, text, WireReader } from '../../ssh/wire.js';
import { isTooMuchArgon2 } from './effort.js';
import { type KeyOrigin, refuse, refusePassphrase } from './refusal.js';

const flavours = new Map([
  ['Argon2d', argon2d],
  ['Argon2i', argon2i],
  ['Argon2id', argon2id]
]);

interface PpkFile {
  version: 2 | 3;
  type: string;
  encryption: string;
  comment: string;
  publicBlob: Buffer;
  privateBlob: Buffer;
  headers: { [name: string]: string };
}

interface Secrets {
  cipherKey: Buffer;
  nonce: Buffer;
  macKey: Buffer;
}

/** @returns the same key in OpenSSH's format; undefined if it is no file of PuTTY's */
export function fromPpk(
  content: string,
  origin: KeyOrigin,
  passphrase: string | undefined
): string | undefined {
  if (!content.startsWith('PuTTY-User-Key-File-')) {
    return undefined;
  }
  const file = parse(content);
  if (!file) {
    throw refuse(origin, 'damaged');
  }
  const encrypted = file.encryption !== 'none';
  if (encrypted && passphrase === undefined) {
    throw refusePassphrase(origin, undefined);
  }
  const wrong = () =>
    encrypted
      ? refusePassphrase(origin, passphrase)
      : refuse(origin, 'damaged');
  const secrets = secretsOf(file, encrypted ? (passphrase ?? '') : '', origin);
  if (!secrets) {
    throw refuse(origin, 'damaged');
  }
  const privateBlob = encrypted ? decipher(file, secrets) : file.privateBlob;
  if (!privateBlob || !isAuthentic(file, privateBlob, secrets)) {
    throw wrong();
  }
  try {
    return convert(file, privateBlob) ?? raise(refuse(origin, kindOf(file)));
  } catch (error) {
    throw error instanceof RangeError ? refuse(origin, 'damaged') : error;
  }
}

function parse(content: string): PpkFile | undefined {
  const headers: { [name: string]: string } = {};
  const blobs: { [name: string]: Buffer } = {};
  const lines = content.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const [, name, value] =
      /^([A-Za-z0-9-]+): (.*)$/.exec(lines[at] ?? '') ?? [];
    if (name === undefined || value === undefined) {
      continue;
    }
    headers[name] = value;
    if (name.endsWith('-Lines')) {
      const count = Number(value);
      if (!(count >= 0)) {
        return undefined;
      }
      blobs[name] = Buffer.from(
        lines.slice(at + 1, at + 1 + count).join(''),
        'base64'
      );
      at += count;
    }
  }
  const version = headers['PuTTY-User-Key-File-3'] !== undefined ? 3 : 2;
  const type = headers[`PuTTY-User-Key-File-${version}`];
  const { Encryption: encryption, Comment: comment = '' } = headers;
  const publicBlob = blobs['Public-Lines'];
  const privateBlob = blobs['Private-Lines'];
  return type !== undefined &&
    (encryption === 'none' || encryption === 'aes256-cbc') &&
    publicBlob &&
    privateBlob
    ? { version, type, encryption, comment, publicBlob, privateBlob, headers }
    : undefined;
}

function secretsOf(
  file: PpkFile,
  passphrase: string,
  origin: KeyOrigin
): Secrets | undefined {
  if (file.version === 2) {
    const part = (number: number) =>
      createHash('sha1')
        .update(Buffer.from([0, 0, 0, number]))
        .update(passphrase)
        .digest();
    return {
      cipherKey: Buffer.concat([part(0), part(1)]).subarray(0, 32),
      nonce: Buffer.alloc(16),
      macKey: createHash('sha1')
        .update('putty-private-key-file-mac-key')
        .update(passphrase)
        .digest()
    };
  }
  if (file.encryption === 'none') {
    const nothing = Buffer.alloc(0);
    return { cipherKey: nothing, nonce: nothing, macKey: nothing };
  }
  const bytes = stretched(file, passphrase, origin);
  return (
    bytes && {
      cipherKey: bytes.subarray(0, 32),
      nonce: bytes.subarray(32, 48),
      macKey: bytes.subarray(48)
    }
  );
}

/** @returns undefined where the file does not say how */
function stretched(
  { headers }: PpkFile,
  passphrase: string,
  origin: KeyOrigin
): Buffer | undefined {
  const flavour = flavours.get(headers['Key-Derivation'] ?? '');
  const [memory, passes, parallelism] = [
    'Argon2-Memory',
    'Argon2-Passes',
    'Argon2-Parallelism'
  ].map(name => Number(headers[name])) as [number, number, number];
  if (isTooMuchArgon2(memory, passes)) {
    throw refuse(origin, 'too-slow');
  }
  try {
    return (
      flavour &&
      Buffer.from(
        flavour(
          Buffer.from(passphrase),
          Buffer.from(headers['Argon2-Salt'] ?? '', 'hex'),
          { t: passes, m: memory, p: parallelism, dkLen: 80 }
        )
      )
    );
  } catch {
    // Numbers that make no sense.
    return undefined;
  }
}

function decipher(
  { privateBlob }: PpkFile,
  { cipherKey, nonce }: Secrets
): Buffer | undefined {
  if (privateBlob.length % 16 !== 0) {
    return undefined;
  }
  const cipher = createDecipheriv('aes-256-cbc', cipherKey, nonce);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(privateBlob), cipher.final()]);
}

function isAuthentic(
  file: PpkFile,
  privateBlob: Buffer,
  { macKey }: Secrets
): boolean {
  const expected = createHmac(file.version === 2 ? 'sha1' : 'sha256', macKey)
    .update(
      Buffer.concat([
        text(file.type),
        text(file.encryption),
        text(file.comment),
        field(file.publicBlob),
        field(privateBlob)
      ])
    )
    .digest();
  const found = Buffer.from(file.headers['Private-MAC'] ?? '', 'hex');
  return found.length === expected.length && timingSafeEqual(found, expected);
}

function convert(file: PpkFile, privateBlob: Buffer): string | undefined {
  const type = keyTypeOf(file.publicBlob);
  const open = new WireReader(file.publicBlob);
  const shut = new WireReader(privateBlob);
  open.text();
  if (type === 'ssh-ed25519') {
    const publicBytes = open.field();
    // A number with its lowest byte first, and without the zero bytes at its end.
    const seed = Buffer.concat([shut.field(), Buffer.alloc(32)]);
    return keyPair(ed25519(publicBytes, seed.subarray(0, 32)), file.comment)
      .privateKey;
  }
  if (type === 'ssh-rsa') {
    const [e, n] = [open.field(), open.field()];
    const [d, p, q, inverse] = [
      shut.field(),
      shut.field(),
      shut.field(),
      shut.field()
    ];
    return keyPair(
      {
        type,
        publicFields: Buffer.concat([field(e), field(n)]),
        privateFields: Buffer.concat([n, e, d, inverse, p, q].map(field))
      },
      file.comment
    ).privateKey;
  }
  if (type.startsWith('ecdsa-sha2-')) {
    const publicFields = Buffer.concat([
      field(open.field()),
      field(open.field())
    ]);
    return keyPair(
      {
        type,
        publicFields,
        privateFields: Buffer.concat([publicFields, field(shut.field())])
      },
      file.comment
    ).privateKey;
  }
  return undefined;
}

function kindOf({ type }: PpkFile): 'dsa' | 'kind' {
  return type === 'ssh-dss' ? 'dsa' : 'kind';
}

function raise(error: Error): never {
  throw error;
}
