/**
 * Host keys of SSH servers.
 */
import type { Fingerprint } from './forward.js';

export interface HostKey {
  host: string;
  port: number;
  /** e.g. `ssh-ed25519`. */
  keyType: string;
  fingerprint: Fingerprint;
}

export interface ApprovedHostKey extends HostKey {
  approvedAt: string;
}

export type HostKeyStatus = 'unknown' | 'known' | 'changed';

export interface ScannedHostKey extends HostKey {
  status: HostKeyStatus;
}

/** A question that waits for a person. */
export interface HostKeyPrompt extends HostKey {
  id: string;
  /** `changed` is shown as a warning and can not be approved by one click. */
  status: 'unknown' | 'changed';
  /** Names of the integrations that wait for the answer. */
  integrations: string[];
}
