import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject
} from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import ssh2 from 'ssh2';

import { asFailure } from '../../serviceError.js';
import { readPrivateKey } from './read.js';

const origin = { what: 'The key', detail: { field: 'privateKey' } };
const passphrase = 'correct horse 🐎';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'underpass-keys-'));
});
after(() => rmSync(folder, { recursive: true }));

let made = 0;
const newPath = () => join(folder, `key-${made++}`);

function sshKeygen(...args: string[]): string {
  return execFileSync('ssh-keygen', args, { encoding: 'utf8' }).trim();
}

/** @returns the file's text */
function generate(kind: string[], secret = '', ...options: string[]): string {
  const path = newPath();
  sshKeygen(
    '-q',
    '-t',
    ...kind,
    '-N',
    secret,
    '-C',
    'me',
    '-f',
    path,
    ...options
  );
  return readFileSync(path, 'utf8');
}

/** The same key in another format, written by PuTTY's own program. */
function putty(
  privateKey: string,
  secret: string,
  ...options: string[]
): string {
  const [from, to, word] = [newPath(), newPath(), newPath()];
  writeFileSync(from, privateKey, { mode: 0o600 });
  writeFileSync(word, secret);
  execFileSync('puttygen', [
    from,
    '-O',
    'private',
    '-o',
    to,
    '--new-passphrase',
    word,
    ...options
  ]);
  return readFileSync(to, 'utf8');
}

/** The same file with a passphrase, written by OpenSSH. */
function locked(privateKey: string, ...options: string[]): string {
  const path = newPath();
  writeFileSync(path, privateKey, { mode: 0o600 });
  sshKeygen('-q', '-p', '-P', '', '-N', passphrase, ...options, '-f', path);
  return readFileSync(path, 'utf8');
}

function parsed(privateKey: string): KeyObject {
  const key = ssh2.utils.parseKey(privateKey);
  assert.ok(!(key instanceof Error));
  return createPrivateKey(key.getPrivatePEM());
}

/** What OpenSSH says of the key that we made of it. */
function publicHalf(privateKey: string): string {
  const path = newPath();
  writeFileSync(path, privateKey, { mode: 0o600 });
  return sshKeygen('-y', '-P', '', '-f', path).split(' ').slice(0, 2).join(' ');
}

function refused(code: string, reason: string) {
  return (error: unknown) => {
    const failure = asFailure(error);
    assert.deepEqual(
      { code: failure.code, detail: failure.detail },
      { code, detail: { field: 'privateKey', reason } },
      failure.message
    );
    return true;
  };
}

const kinds = {
  Ed25519: ['ed25519'],
  'ECDSA nistp256': ['ecdsa', '-b', '256'],
  'ECDSA nistp384': ['ecdsa', '-b', '384'],
  'ECDSA nistp521': ['ecdsa', '-b', '521'],
  'RSA of 2048 bits': ['rsa', '-b', '2048'],
  'RSA of 3072 bits': ['rsa', '-b', '3072']
};

for (const [name, kind] of Object.entries(kinds)) {
  test(`${name} is read in every format, with and without a passphrase, and is the same key for OpenSSH and ssh2`, () => {
    const original = generate(kind);
    const expected = publicHalf(original);
    const pem = parsed(original);
    const formats: [format: string, text: string, secret?: string][] = [
      ['OpenSSH', original],
      ['OpenSSH, encrypted', locked(original), passphrase],
      [
        'OpenSSH, encrypted by another cipher',
        locked(original, '-Z', 'aes256-gcm@openssh.com'),
        passphrase
      ],
      ['PKCS#8', pem.export({ type: 'pkcs8', format: 'pem' }).toString()],
      [
        'PKCS#8, encrypted',
        pem
          .export({
            type: 'pkcs8',
            format: 'pem',
            cipher: 'aes-256-cbc',
            passphrase
          })
          .toString(),
        passphrase
      ],
      ...traditional(pem),
      ['PuTTY 3', putty(original, '')],
      [
        'PuTTY 3, encrypted',
        putty(original, passphrase, '--ppk-param', 'time=2'),
        passphrase
      ],
      [
        'PuTTY 3, encrypted by Argon2i',
        putty(
          original,
          passphrase,
          '--ppk-param',
          'kdf=argon2i,time=3,memory=512'
        ),
        passphrase
      ],
      ['PuTTY 2', putty(original, '', '--ppk-param', 'version=2')],
      [
        'PuTTY 2, encrypted',
        putty(original, passphrase, '--ppk-param', 'version=2'),
        passphrase
      ]
    ];
    for (const [format, text, secret] of formats) {
      const read = readPrivateKey(text, origin, secret);
      assert.equal(
        read.publicKey.split(' ').slice(0, 2).join(' '),
        expected,
        format
      );
      assert.equal(publicHalf(read.privateKey), expected, format);
      const bySsh2 = ssh2.utils.parseKey(read.privateKey);
      assert.ok(!(bySsh2 instanceof Error), format);
      assert.equal(
        `${bySsh2.type} ${bySsh2.getPublicSSH().toString('base64')}`,
        expected,
        format
      );
      if (secret !== undefined) {
        assert.throws(
          () => readPrivateKey(text, origin),
          refused('key-passphrase', 'needed'),
          format
        );
        assert.throws(
          () => readPrivateKey(text, origin, 'wrong'),
          refused('key-passphrase', 'wrong'),
          format
        );
      }
    }
  });
}

/** PKCS#1 and SEC 1, for the kinds of key that have them. */
function traditional(key: KeyObject): [string, string, string?][] {
  const type = ({ rsa: 'pkcs1', ec: 'sec1' } as const)[
    key.asymmetricKeyType as 'rsa' | 'ec'
  ];
  return type
    ? [
        [type, key.export({ type, format: 'pem' }).toString()],
        [
          `${type}, encrypted`,
          key
            .export({ type, format: 'pem', cipher: 'aes-128-cbc', passphrase })
            .toString(),
          passphrase
        ]
      ]
    : [];
}

test('byte order marks, line ends of Windows and blank lines around a key do not matter', () => {
  const original = generate(kinds.Ed25519);
  const expected = publicHalf(original);
  for (const text of [
    `\uFEFF${original}`,
    original.replaceAll('\n', '\r\n'),
    original.trimEnd(),
    `\n\n  ${original}\n\n`
  ]) {
    const { publicKey } = readPrivateKey(text, origin);
    assert.equal(publicKey, `${expected} me`);
  }
  const { publicKey } = readPrivateKey(
    putty(original, '').replaceAll('\n', '\r\n'),
    origin
  );
  assert.equal(publicKey, `${expected} me`);
});

test('a comment of several lines becomes one: each line of authorized_keys is a key', () => {
  const ppk = putty(generate(kinds.Ed25519), '', '-C', 'me');
  const openSsh = readPrivateKey(ppk, origin).privateKey;
  const path = newPath();
  writeFileSync(path, openSsh, { mode: 0o600 });
  sshKeygen(
    '-q',
    '-c',
    '-P',
    '',
    '-C',
    'me\nssh-ed25519 AAAA evil',
    '-f',
    path
  );
  const { publicKey } = readPrivateKey(readFileSync(path, 'utf8'), origin);
  assert.equal(publicKey.split('\n').length, 1);
  assert.ok(publicKey.endsWith(' me ssh-ed25519 AAAA evil'), publicKey);
});

test('what is no key to log in with is refused with the reason', () => {
  const path = newPath();
  sshKeygen('-q', '-t', 'ed25519', '-N', '', '-f', path);
  const privateKey = readFileSync(path, 'utf8');
  const publicKey = readFileSync(`${path}.pub`, 'utf8');
  const dsa = generateKeyPairSync('dsa', {
    modulusLength: 1024,
    divisorLength: 160
  }).privateKey.export({ type: 'pkcs8', format: 'pem' });
  const curve = generateKeyPairSync('ec', {
    namedCurve: 'secp256k1'
  }).privateKey.export({ type: 'pkcs8', format: 'pem' });
  const x25519 = generateKeyPairSync('x25519').privateKey.export({
    type: 'pkcs8',
    format: 'pem'
  });
  const spki = generateKeyPairSync('ed25519').publicKey.export({
    type: 'spki',
    format: 'pem'
  });
  for (const [reason, text] of [
    ['empty', ' \n'],
    ['public-key', publicKey],
    ['public-key', spki.toString()],
    ['public-key', sshKeygen('-e', '-f', `${path}.pub`)],
    ['dsa', dsa.toString()],
    ['dsa', generate(['dsa'])],
    ['short-rsa', generate(['rsa', '-b', '1024'])],
    ['kind', curve.toString()],
    ['kind', x25519.toString()],
    ['several', privateKey + privateKey],
    ['format', 'my password'],
    ['format', '{"kty": "OKP"}'],
    ['damaged', privateKey.replace(/\n.{70}\n/, '\n')],
    ['damaged', privateKey.slice(0, 200)],
    ['damaged', putty(privateKey, '').replace(/(Private-MAC: )./, '$1x')],
    ['damaged', 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n']
  ] as const) {
    assert.throws(
      () => readPrivateKey(text, origin),
      refused('key-invalid', reason),
      reason
    );
  }
});

test('a key whose public half was exchanged is refused', () => {
  const [one, other] = [generate(kinds.Ed25519), generate(kinds.Ed25519)];
  const body = (text: string) =>
    Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64');
  // Magic, two times "none", no options, one key: 39 bytes; then the public half with its length.
  const mixed = Buffer.concat([
    body(one).subarray(0, 39),
    body(other).subarray(39, 39 + 4 + 51),
    body(one).subarray(39 + 4 + 51)
  ]);
  const text = [
    '-----BEGIN OPENSSH PRIVATE KEY-----',
    mixed.toString('base64'),
    '-----END OPENSSH PRIVATE KEY-----'
  ].join('\n');
  assert.throws(
    () => readPrivateKey(text, origin),
    refused('key-invalid', 'damaged')
  );
});

test('no refusal says anything of the key', () => {
  const original = generate(kinds.Ed25519);
  const secret = putty(original, passphrase, '--ppk-param', 'time=2');
  for (const text of [locked(original), secret, original.slice(0, 250)]) {
    assert.throws(
      () => readPrivateKey(text, origin, 'a wrong word'),
      error => {
        const said = JSON.stringify([asFailure(error), String(error)]);
        const lines = text.split('\n').filter(line => line.length > 40);
        return (
          !said.includes('a wrong word') &&
          lines.every(line => !said.includes(line))
        );
      }
    );
  }
});
