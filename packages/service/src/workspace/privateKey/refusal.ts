import { fail } from '../../serviceError.js';

/** Where a private key comes from, for what is said about it. */
export interface KeyOrigin {
  /** Subject of a sentence: `The key in /path`. */
  what: string;
  /** To name in a failure: `{ path }` or `{ field }`. */
  detail: { [name: string]: string };
}

export type Reason =
  | 'empty'
  | 'public-key'
  | 'certificate'
  | 'hardware-key'
  | 'dsa'
  | 'short-rsa'
  | 'kind'
  | 'several'
  | 'format'
  | 'too-slow'
  | 'damaged';

const texts: { [reason in Reason]: [what: string, fix: string] } = {
  empty: ['is empty', 'Give the text of a private key.'],
  'public-key': [
    'is a public key',
    'Give the private key: the file of the same name without .pub.'
  ],
  certificate: ['is a certificate', 'Give the private key that belongs to it.'],
  'hardware-key': [
    'lives in a security key: the file alone can not log in',
    'Give a key that is a file: ssh-keygen -t ed25519'
  ],
  dsa: [
    'is a DSA key, which SSH servers refuse',
    'Make an Ed25519 key: ssh-keygen -t ed25519'
  ],
  'short-rsa': [
    'is an RSA key of less than 2048 bits',
    'Make an Ed25519 key: ssh-keygen -t ed25519'
  ],
  kind: [
    'is of a kind that SSH does not have',
    'Give an Ed25519, ECDSA (nistp256, nistp384, nistp521) or RSA key.'
  ],
  several: ['is a file of several keys', 'Give a file with one private key.'],
  format: [
    'is in no format that is known here',
    'Give it as OpenSSH, PEM (PKCS#1, PKCS#8) or PuTTY (.ppk) has it.'
  ],
  'too-slow': [
    'is protected with so many rounds that trying a passphrase would take too long',
    'Save a copy with fewer and give that: ssh-keygen -p -a 16 -f COPY. With PuTTYgen: parameters for saving key files.'
  ],
  damaged: [
    'can not be read: its text is incomplete or was changed',
    'Copy the whole file, with its first and last line.'
  ]
};

export function refuse(origin: KeyOrigin, reason: Reason): Error {
  const [what, fix] = texts[reason];
  return fail('key-invalid', 'request', `${origin.what} ${what}.`, fix, {
    ...origin.detail,
    reason
  });
}

export function refusePassphrase(
  origin: KeyOrigin,
  passphrase: string | undefined
): Error {
  const wrong = passphrase !== undefined;
  return fail(
    'key-passphrase',
    'request',
    wrong
      ? `The passphrase does not open ${lowerFirst(origin.what)}, or its text was changed.`
      : `${origin.what} is protected by a passphrase.`,
    origin.detail.path === undefined
      ? `Give ${wrong ? 'the right one' : 'it'}: the key is kept in the vault afterwards, without a passphrase.`
      : `Take it into the vault instead (underpass key import ${origin.detail.path}), or remove the passphrase: ssh-keygen -p -f ${origin.detail.path}`,
    { ...origin.detail, reason: wrong ? 'wrong' : 'needed' }
  );
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
