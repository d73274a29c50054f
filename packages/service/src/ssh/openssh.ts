/**
 * OpenSSH's formats for Ed25519 keys (PROTOCOL.key and RFC 8709), written here because ssh2's generator
 * drops leading zero bytes and so makes one key pair in two hundred unreadable.
 */
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';

const keyType = 'ssh-ed25519';
const cipherBlock = 8;
const lineLength = 70;
const rawLength = 32;

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
  const publicBytes = rawKey(publicKey);
  const blob = Buffer.concat([text(keyType), field(publicBytes)]);
  return {
    publicKey: `${keyType} ${blob.toString('base64')} ${comment}`,
    privateKey: privateKeyFile(publicBytes, rawKey(privateKey), blob, comment),
    fingerprint: fingerprintOf(blob)
  };
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

function privateKeyFile(
  publicBytes: Buffer,
  seed: Buffer,
  blob: Buffer,
  comment: string
): string {
  const check = randomBytes(4);
  const section = Buffer.concat([
    check,
    check,
    text(keyType),
    field(publicBytes),
    field(Buffer.concat([seed, publicBytes])),
    text(comment)
  ]);
  const padding = Buffer.from(
    Array.from(
      { length: (cipherBlock - (section.length % cipherBlock)) % cipherBlock },
      (_, index) => index + 1
    )
  );
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    text('none'),
    text('none'),
    field(Buffer.alloc(0)),
    uint32(1),
    field(blob),
    field(Buffer.concat([section, padding]))
  ]).toString('base64');
  const lines = file.match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? [];
  return [
    '-----BEGIN OPENSSH PRIVATE KEY-----',
    ...lines,
    '-----END OPENSSH PRIVATE KEY-----',
    ''
  ].join('\n');
}

/**
 * Both encodings end with the 32 bytes (RFC 8410). Not by JWK: Node 20 exports it under a lock, and when the garbage
 * collector comes by in that moment the finished generator waits for the same lock, for ever.
 */
function rawKey(der: Buffer): Buffer {
  return der.subarray(-rawLength);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function field(bytes: Buffer): Buffer {
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function text(value: string): Buffer {
  return field(Buffer.from(value));
}
