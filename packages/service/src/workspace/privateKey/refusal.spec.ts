import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { asFailure } from '../../serviceError.js';
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

const begin = '-----BEGIN OPENSSH PRIVATE KEY-----';
const end = '-----END OPENSSH PRIVATE KEY-----';

test('a file that asks for hours of work is refused before any of it', () => {
  const original = generate(kinds.Ed25519);
  const bytes = Buffer.from(
    locked(original).split('\n').slice(1, -2).join(''),
    'base64'
  );
  // After the name: the length of the options, the salt with its length, the rounds.
  const rounds = bytes.indexOf('bcrypt') + 'bcrypt'.length + 4 + 4 + 16;
  assert.ok(bytes.readUInt32BE(rounds) < 100);
  bytes.writeUInt32BE(2 ** 31, rounds);
  const ppk = putty(original, passphrase, '--ppk-param', 'time=2');
  for (const [what, text] of [
    ['bcrypt', [begin, bytes.toString('base64'), end].join('\n')],
    ['passes', ppk.replace(/(Argon2-Passes: ).*/, '$1100000')],
    ['memory', ppk.replace(/(Argon2-Memory: ).*/, '$14194304')],
    ['PBKDF2', pkcs8(['-iter', '100000'], ['02030186a0', '02037fffff'])],
    [
      'scrypt',
      pkcs8(['-scrypt'], ['02024000020108020101', '0202400002017f02017f'])
    ]
  ] as const) {
    assert.throws(
      () => readPrivateKey(text, origin, passphrase),
      refused('key-invalid', 'too-slow'),
      what
    );
  }
});

test('more rounds than usual are no obstacle', () => {
  for (const text of [
    locked(generate(kinds.Ed25519), '-a', '20'),
    pkcs8(['-iter', '600000']),
    pkcs8(['-scrypt'])
  ]) {
    assert.match(
      readPrivateKey(text, origin, passphrase).publicKey,
      /^ssh-ed25519 /
    );
  }
});

test('numbers that make no sense in a PuTTY file are damage', () => {
  const ppk = putty(
    generate(kinds.Ed25519),
    passphrase,
    '--ppk-param',
    'time=2'
  );
  for (const [from, to] of [
    [/(Private-Lines: ).*/, '$1-1'],
    [/(Public-Lines: ).*/, '$1many'],
    [/(Argon2-Passes: ).*/, '$10'],
    [/(Argon2-Passes: ).*/, '$11.5'],
    [/(Argon2-Memory: ).*/, '$11'],
    [/(Argon2-Parallelism: ).*/, '$1-3'],
    [/(Key-Derivation: ).*/, '$1constructor']
  ] as const) {
    assert.throws(
      () => readPrivateKey(ppk.replace(from, to), origin, passphrase),
      refused('key-invalid', 'damaged'),
      String(from)
    );
  }
});

/** @returns an encrypted PKCS#8 file of OpenSSL's, with these bytes in its head replaced */
function pkcs8(options: string[], ...changes: [from: string, to: string][]) {
  const [from, to] = [newPath(), newPath()];
  const key = generateKeyPairSync('ed25519').privateKey;
  writeFileSync(from, key.export({ type: 'pkcs8', format: 'pem' }));
  execFileSync(
    'openssl',
    ['pkcs8', '-topk8', '-in', from, '-out', to, '-passout', 'stdin'].concat(
      options
    ),
    { input: passphrase }
  );
  const [first = '', ...rest] = readFileSync(to, 'utf8').trim().split('\n');
  let hex = Buffer.from(rest.slice(0, -1).join(''), 'base64').toString('hex');
  for (const [was, is] of changes) {
    assert.ok(hex.includes(was), was);
    hex = hex.replace(was, is);
  }
  const body = Buffer.from(hex, 'hex').toString('base64');
  return [first, body, rest.at(-1)].join('\n');
}
