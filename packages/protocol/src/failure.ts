/**
 * Failures as data. The code decides; the text for people is made once, where the failure is made.
 */

/** The way of a query from name to rows, in order. A failure says at which of these it stopped. */
export const stages = [
  'resolve',
  'tcp',
  'ssh-handshake',
  'host-key',
  'auth',
  'forward',
  'tls',
  'login',
  'query'
] as const;

/** `request` is for what never left: a bad field, an unknown name, a full disk. */
export type Stage = (typeof stages)[number] | 'request';

export const failureCodes = [
  'invalid-request',
  'invalid-field',
  'unknown-type',
  'unknown-method',
  'unknown-integration',
  'unknown-project',
  'duplicate-name',
  'changed-meanwhile',
  'unknown-import',
  'import-failed',
  'not-connected',
  /** Said by the kernel package: the service is on the machine of the Jupyter server. */
  'kernel-elsewhere',
  'not-a-database',
  'switched-off',
  'protocol-version',
  'storage-failed',
  'storage-damaged',
  'storage-newer',
  'secret-unreadable',
  'master-key-refused',
  'keyring-unavailable',
  'keyring-locked',
  'keyring-refused',
  'keyring-timed-out',
  'keyring-key-missing',
  'key-invalid',
  'key-passphrase',
  'key-file-exposed',
  'key-given',
  'key-rotating',
  'port-in-use',
  'name-not-found',
  'name-server-failed',
  'connection-refused',
  'connection-timed-out',
  'connection-lost',
  'network-unreachable',
  'not-an-ssh-server',
  'closed-before-greeting',
  'ssh-server-busy',
  'ssh-protocol-1',
  'no-common-algorithm',
  'handshake-failed',
  'handshake-timed-out',
  'host-key-unknown',
  'host-key-changed',
  'host-key-rejected',
  'auth-refused',
  'auth-key-type-refused',
  'auth-no-public-key',
  'auth-second-factor',
  'auth-too-many-attempts',
  'auth-closed',
  'auth-timed-out',
  'forward-prohibited',
  'forward-name-not-found',
  'forward-unreachable',
  'forward-timed-out',
  'forward-limit',
  'forward-unsupported',
  'forward-refused',
  'forward-failed',
  'tls-not-offered',
  'tls-untrusted',
  'tls-name-mismatch',
  'tls-expired',
  'tls-not-yet-valid',
  'tls-version',
  'tls-client-certificate',
  'tls-failed',
  'login-refused',
  'login-not-permitted',
  'login-expired',
  'login-timed-out',
  'database-not-found',
  'server-full',
  'server-starting',
  'driver-missing',
  /** Said by the kernel package: the system has no such thing, such as transactions. */
  'not-supported',
  'query-failed',
  'query-timed-out',
  /** Said by the kernel package: the rows would not fit into the memory that is free. */
  'result-too-large',
  /** The integration is marked read-only; said by the connector, or by the server. */
  'read-only',
  'interpreter-failed',
  'tests-busy',
  'unknown-run',
  'listener-foreign',
  'listener-missing',
  'service-in-use',
  'service-unresponsive',
  'service-unavailable',
  /** Said by the Jupyter server, which starts it again when it is needed, not to show its state. */
  'service-stopped',
  'cancelled',
  'internal'
] as const;

export type FailureCode = (typeof failureCodes)[number];

export type Json =
  null | boolean | number | string | Json[] | { [key: string]: Json };

/** What went wrong, where, and what a person can do about it. Never carries a secret. */
export interface Failure {
  code: FailureCode;
  stage: Stage;
  /** One sentence: what happened. */
  message: string;
  /** One sentence or command: what to do. */
  fix: string;
  /** Material for tools and details panes, e.g. `{ field: 'port' }` or a fingerprint. */
  detail?: { [key: string]: Json };
}

/** JSON-RPC error code that says: `data` is a {@link Failure}. */
export const failureErrorCode = -32000;
