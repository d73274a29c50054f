/**
 * Where the secrets of the workspace are kept.
 */
import { z } from 'zod';

import { define } from './define.js';

export const vaultMethods = {
  'underpass/vault/status': define('read', z.object({})),
  /** Makes a fresh master key there, and encrypts everything anew with it. */
  'underpass/vault/keep': define(
    'write',
    z.object({
      keeper: z.enum(['file', 'keyring']),
      /** The old master key can not be had any more: what it encrypted has to be entered again. */
      lost: z.boolean().default(false)
    })
  )
} as const;

export interface VaultStatus {
  /** Who has the master key. The encrypted secrets themselves are in a file. */
  keeper: 'file' | 'keyring';
  /** The file, or what the keyring is called on this system. */
  where: string;
  keepers: {
    keeper: 'file' | 'keyring';
    available: boolean;
    /** Why it is not. */
    reason?: string;
  }[];
  secrets: number;
  /** Of these, how many have to be entered again: the master key does not fit. */
  unreadable: number;
  /** What was noticed and should be known, one sentence or two each. */
  remarks: string[];
}

export interface VaultResults {
  'underpass/vault/status': VaultStatus;
  'underpass/vault/keep': VaultStatus;
}
