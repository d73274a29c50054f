/**
 * What an SSH implementation must do for us. ssh2 is the first one; the system's OpenSSH can be the second.
 */
import type { Duplex } from 'node:stream';

import type { Fingerprint, Stage } from '@underpass/protocol';

import type { SshTarget } from '../integrations/define.js';

/** A key to log in with. */
export interface LoginKey {
  /** OpenSSH format, unencrypted. */
  privateKey: string;
  /** The line a person would add to `authorized_keys`. */
  publicKey: string;
  fingerprint: Fingerprint;
}

/** A host key as the server presents it. */
export interface PresentedHostKey {
  keyType: string;
  fingerprint: Fingerprint;
}

export interface ConnectOptions {
  target: SshTarget;
  /** Tried in this order; a person is told to authorize the first. */
  keys: readonly [LoginKey, ...LoginKey[]];
  /** Types known for this host; they are asked for first, so that a man in the middle can not hide behind another. */
  knownKeyTypes: readonly string[];
  /**
   * The connection waits for a promise; the server may lose patience meanwhile.
   * @throws ServiceError when the key must not be trusted.
   */
  verifyHostKey(key: PresentedHostKey): void | Promise<void>;
  /** Called when a stage begins. */
  onStage?(stage: Stage): void;
  /** Called with what the stage that goes on has found out, one sentence. */
  onFound?(message: string): void;
  signal: AbortSignal;
}

/** An authenticated SSH connection. */
export interface Transport {
  readonly hostKey: Fingerprint;
  /** Of the key that the server let in. */
  readonly loginKey: Fingerprint;
  /** False from the moment the connection is known to be gone. */
  readonly alive: boolean;
  /**
   * Open a channel to an address as the bastion knows it. A channel that comes after the abort is closed again.
   * @throws ServiceError at stage `forward`.
   */
  openChannel(host: string, port: number, signal: AbortSignal): Promise<Duplex>;
  /** Called once, when the connection is gone for whatever reason; before channels see their end. */
  onLost(listener: () => void): void;
  close(): void;
}

export interface SshEngine {
  /** @throws ServiceError at one of the stages `resolve` to `auth`. */
  connect(options: ConnectOptions): Promise<Transport>;
}
