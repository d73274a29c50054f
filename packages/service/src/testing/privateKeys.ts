/**
 * Private keys of every kind and format for tests, written by OpenSSH's and PuTTY's own programs.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

import { asFailure } from '../serviceError.js';

export const origin = { what: 'The key', detail: { field: 'privateKey' } };
export const passphrase = 'correct horse 🐎';

const folder = mkdtempSync(join(tmpdir(), 'underpass-keys-'));
after(() => rmSync(folder, { recursive: true }));

let made = 0;
export const newPath = () => join(folder, `key-${made++}`);

export function sshKeygen(...args: string[]): string {
  return execFileSync('ssh-keygen', args, { encoding: 'utf8' }).trim();
}

/** @returns the file's text */
export function generate(
  kind: string[],
  secret = '',
  ...options: string[]
): string {
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
export function putty(
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
export function locked(privateKey: string, ...options: string[]): string {
  const path = newPath();
  writeFileSync(path, privateKey, { mode: 0o600 });
  sshKeygen('-q', '-p', '-P', '', '-N', passphrase, ...options, '-f', path);
  return readFileSync(path, 'utf8');
}

export function refused(code: string, reason: string) {
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

export const kinds = {
  Ed25519: ['ed25519'],
  'ECDSA nistp256': ['ecdsa', '-b', '256'],
  'ECDSA nistp384': ['ecdsa', '-b', '384'],
  'ECDSA nistp521': ['ecdsa', '-b', '521'],
  'RSA of 2048 bits': ['rsa', '-b', '2048'],
  'RSA of 3072 bits': ['rsa', '-b', '3072']
};
