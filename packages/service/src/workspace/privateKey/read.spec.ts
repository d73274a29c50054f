import assert from 'node:assert/strict';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import ssh2 from 'ssh2';

import {
  generate,
  kinds,
  locked,
  newPath,
  origin,
  passphrase,
  putty,
  refused,
  sshKeygen
} from '../../testing/privateKeys.js';
import { readPrivateKey } from './read.js';

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
