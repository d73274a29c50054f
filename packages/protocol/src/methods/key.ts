/**
 * The SSH key of the workspace.
 */
import { z } from 'zod';

import type { Fingerprint } from '../forward.js';
import { define, integration, jsonSchema } from './define.js';

export const keyMethods = {
  'underpass/key/show': define('read', z.object({})),
  /** The line for the bastion of what a form says, together with what else uses that bastion. Keeps nothing. */
  'underpass/key/lineFor': define(
    'read',
    z.object({
      type: z.string().min(1),
      fields: z.record(z.string(), jsonSchema),
      /** The integration that the form is of: its former servers are not meant. */
      integration: integration.optional()
    })
  ),
  /** Use this private key from now on. Local: it is no browser's business. */
  'underpass/key/import': define(
    'local',
    z.object({
      /** In any of the usual formats. */
      privateKey: z.string(),
      /** Needed once: the key is kept in the vault, without it. */
      passphrase: z.string().optional()
    })
  ),
  /** The only method that returns the private key. */
  'underpass/key/export': define('local', z.object({})),
  /** Make a new key, or (`finish`) delete the previous one. */
  'underpass/key/rotate': define(
    'write',
    z.object({ finish: z.boolean().default(false) })
  )
} as const;

/** An SSH server that integrations use, and what it has to know of the key. */
export interface KeyBastion {
  host: string;
  port: number;
  user: string;
  /** Names of the integrations that use it. */
  integrations: string[];
  /** The line for `~/.ssh/authorized_keys` of that user: allows the forwards of these integrations and nothing else. */
  authorizedKeys: string;
  /** The same as a cloud-init document. */
  cloudInit: string;
  /** The same as Terraform text. */
  terraform: string;
  /** When it let the current key in for the last time. Absent: not yet. */
  loggedInAt?: string;
}

export interface WorkspaceKeyDescription {
  /** `ssh-ed25519 AAAA… comment` */
  publicKey: string;
  fingerprint: Fingerprint;
  /** `file`: given by UNDERPASS_PRIVATE_KEY_FILE. */
  source: 'made' | 'imported' | 'file';
  /** Of that file. */
  path?: string;
  /** The key before this one, still tried as the second: some bastions know only that one yet. */
  previous?: {
    publicKey: string;
    fingerprint: Fingerprint;
    /** Bastions that have not let the new key in. */
    bastions: { host: string; port: number; user: string }[];
  };
  bastions: KeyBastion[];
  /** One line for the targets of all bastions; absent while there are none. */
  authorizedKeys?: string;
}

export interface KeyResults {
  'underpass/key/show': WorkspaceKeyDescription;
  'underpass/key/lineFor': {
    publicKey: string;
    /** Absent while the form does not say yet where the tunnel is to lead. */
    authorizedKeys?: string;
  };
  'underpass/key/import': WorkspaceKeyDescription;
  /** OpenSSH format, unencrypted. */
  'underpass/key/export': { privateKey: string; publicKey: string };
  'underpass/key/rotate': WorkspaceKeyDescription;
}
