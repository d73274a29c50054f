import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';

import ssh2 from 'ssh2';

import { hostPort } from '../address.js';
import { fail } from '../serviceError.js';
import { fingerprintOf, generateEd25519 } from '../ssh/openssh.js';
import type { Vault } from './vault.js';

const entry = 'workspace-key';

export interface WorkspaceKey {
  /** Never leaves the service. */
  privateKey: string;
  publicKey: string;
  fingerprint: string;
}

/**
 * The one key of the workspace: given by `UNDERPASS_PRIVATE_KEY_FILE`, else made on first need and kept in the vault.
 */
export function workspaceKey(vault: Vault): WorkspaceKey {
  const given = process.env.UNDERPASS_PRIVATE_KEY_FILE;
  if (given) {
    return parse(readGiven(given), `the key in ${given}`);
  }
  const kept = vault.get(entry);
  if (kept) {
    return parse(kept, 'the workspace key');
  }
  const made = generateEd25519(`underpass ${userName()}@${hostname()}`);
  vault.update({ [entry]: made.privateKey });
  return parse(made.privateKey, 'the workspace key');
}

/** Containers run as users that have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
}

function readGiven(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw unusable(
      `UNDERPASS_PRIVATE_KEY_FILE names ${path}, which can not be read.`
    );
  }
}

function parse(privateKey: string, what: string): WorkspaceKey {
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error || !parsed.isPrivateKey()) {
    throw unusable(
      `${what} can not be used: ${parsed instanceof Error ? parsed.message : 'it is no private key'}.`
    );
  }
  const blob = parsed.getPublicSSH();
  return {
    privateKey,
    publicKey: [parsed.type, blob.toString('base64'), parsed.comment]
      .filter(Boolean)
      .join(' '),
    fingerprint: fingerprintOf(blob)
  };
}

function unusable(message: string): Error {
  return fail(
    'secret-unreadable',
    'request',
    message,
    'Give an unencrypted private key in OpenSSH format.'
  );
}

/**
 * A line for the bastion's `authorized_keys` that allows forwarding to the given targets and nothing else.
 */
export function authorizedKeysLine(
  publicKey: string,
  targets: readonly { host: string; port: number }[]
): string {
  const permitted = [
    ...new Set(
      targets.map(
        ({ host, port }) => `permitopen="${hostPort({ host, port })}"`
      )
    )
  ];
  return `${['restrict', 'port-forwarding', ...permitted].join(',')} ${publicKey}`;
}
