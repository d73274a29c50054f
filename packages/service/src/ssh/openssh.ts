/**
 * OpenSSH's format for private keys (PROTOCOL.key), written here because ssh2's generator drops leading zero bytes
 * and so makes one key pair in two hundred unreadable.
 */
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject
} from 'node:crypto';

import { field, mpint, text, uint32 } from './wire.js';

const cipherBlock = 8;
const lineLength = 70;
const rawLength = 32;

export const privateKeyMagic = 'openssh-key-v1\0';

export interface OpenSshKeyPair {
  /** `ssh-ed25519 AAAA… comment` */
  publicKey: string;
  /** PEM, unencrypted. */
  privateKey: string;
  fingerprint: string;
}

export function generateEd25519(comment: string): OpenSshKeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' }
  });
  return keyPair(ed25519(rawKey(publicKey), rawKey(privateKey)), comment);
}

/**
 * The key in OpenSSH's format.
 * @returns undefined for a kind of key that SSH does not have
 */
export function toOpenSsh(
  key: KeyObject,
  comment: string
): OpenSshKeyPair | undefined {
  const parts = partsOf(key);
  return parts && keyPair(parts, comment);
}

/** As `ssh-keygen -lf` prints it. */
export function fingerprintOf(publicBlob: Buffer): string {
  const digest = createHash('sha256').update(publicBlob).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

/** The type of a public key blob, e.g. `ssh-ed25519`. */
export function keyTypeOf(publicBlob: Buffer): string {
  return publicBlob.toString('ascii', 4, 4 + publicBlob.readUInt32BE(0));
}

/** A key as the format has it, both halves as sequences of fields. */
export interface KeyParts {
  type: string;
  /** What follows the type in the public half. */
  publicFields: Buffer;
  /** What follows the type in the private half. */
  privateFields: Buffer;
}

export function keyPair(
  { type, publicFields, privateFields }: KeyParts,
  comment: string
): OpenSshKeyPair {
  const blob = Buffer.concat([text(type), publicFields]);
  // Tells who decrypts whether it worked; nothing is encrypted here, and one key has one text.
  const check = createHash('sha256').update(blob).digest().subarray(0, 4);
  const section = Buffer.concat([
    check,
    check,
    text(type),
    privateFields,
    text(comment)
  ]);
  const padding = Buffer.from(
    Array.from(
      { length: (cipherBlock - (section.length % cipherBlock)) % cipherBlock },
      (_, index) => index + 1
    )
  );
  const file = Buffer.concat([
    Buffer.from(privateKeyMagic),
    text('none'),
    text('none'),
    field(Buffer.alloc(0)),
    uint32(1),
    field(blob),
    field(Buffer.concat([section, padding]))
  ]).toString('base64');
  const lines = file.match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? [];
  return {
    publicKey: [type, blob.toString('base64'), comment]
      .filter(Boolean)
      .join(' '),
    privateKey: [
      '-----BEGIN OPENSSH PRIVATE KEY-----',
      ...lines,
      '-----END OPENSSH PRIVATE KEY-----',
      ''
    ].join('\n'),
    fingerprint: fingerprintOf(blob)
  };
}

export function ed25519(publicBytes: Buffer, seed: Buffer): KeyParts {
  return {
    type: 'ssh-ed25519',
    publicFields: field(publicBytes),
    privateFields: Buffer.concat([
      field(publicBytes),
      field(Buffer.concat([seed, publicBytes]))
    ])
  };
}

/** RFC 5656: the curves that SSH has, by their names in JSON web keys. */
const curves: { [name: string]: string } = {
  'P-256': 'nistp256',
  'P-384': 'nistp384',
  'P-521': 'nistp521'
};

function partsOf(key: KeyObject): KeyParts | undefined {
  switch (key.asymmetricKeyType) {
    case 'ed25519': {
      const publicKey = createPublicKey(key);
      return ed25519(
        rawKey(publicKey.export({ type: 'spki', format: 'der' })),
        rawKey(key.export({ type: 'pkcs8', format: 'der' }))
      );
    }
    case 'rsa': {
      const jwk = key.export({ format: 'jwk' });
      const number = (name: keyof JsonWebKey) => mpint(part(jwk, name));
      return {
        type: 'ssh-rsa',
        publicFields: Buffer.concat([number('e'), number('n')]),
        privateFields: Buffer.concat(
          (['n', 'e', 'd', 'qi', 'p', 'q'] as const).map(number)
        )
      };
    }
    case 'ec': {
      const jwk = key.export({ format: 'jwk' });
      const curve = curves[jwk.crv ?? ''];
      if (curve === undefined) {
        return undefined;
      }
      const point = field(
        Buffer.concat([Buffer.from([4]), part(jwk, 'x'), part(jwk, 'y')])
      );
      const publicFields = Buffer.concat([text(curve), point]);
      return {
        type: `ecdsa-sha2-${curve}`,
        publicFields,
        privateFields: Buffer.concat([publicFields, mpint(part(jwk, 'd'))])
      };
    }
    default:
      return undefined;
  }
}

function part(jwk: JsonWebKey, name: keyof JsonWebKey): Buffer {
  return Buffer.from(String(jwk[name]), 'base64url');
}

/**
 * Both encodings end with the 32 bytes (RFC 8410). Not by JWK: Node 20 exports it under a lock, and when the garbage
 * collector comes by in that moment the finished generator waits for the same lock, for ever.
 */
function rawKey(der: Buffer): Buffer {
  return der.subarray(-rawLength);
}
