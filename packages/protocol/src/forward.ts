/**
 * Sessions, forwards and consumers: three things, never one.
 */
import type { Failure } from './failure.js';

/** SHA-256 fingerprint as OpenSSH prints it, e.g. `SHA256:abc…`. */
export type Fingerprint = string;

/** Where a forward stands. Times are ISO 8601. */
export type ForwardState =
  | { kind: 'idle' }
  | { kind: 'dialling'; since: string }
  | { kind: 'up'; since: string; generation: number; hostKey: Fingerprint }
  | { kind: 'waiting'; attempt: number; retryAt: string; cause: Failure }
  | { kind: 'failed'; cause: Failure };

/** One local endpoint to one remote host:port across a session. */
export interface ForwardDescription {
  localHost: string;
  localPort: number;
  remoteHost: string;
  remotePort: number;
  bastion: string;
  state: ForwardState;
  /** Open sockets right now. */
  connections: number;
  /** Names of kernels, cells and people that hold it open. */
  consumers: string[];
  /** The same, with what they are and since when. */
  heldBy: Holder[];
  /** When its port was bound by the service that runs now. */
  since: string;
  /** Bytes that went through it towards the remote host, and back. */
  bytesSent: number;
  bytesReceived: number;
}

/** Who holds a forward open. */
export interface Holder {
  name: string;
  kind: string;
  since: string;
}

/** What the driver in a kernel needs to reach one integration, now. */
export interface Ready {
  integration: { id: string; name: string; type: string };
  /** Grows each time the session was re-established; 0 without SSH. Pooled connections of an older one are dead. */
  generation: number;
  /** What to dial. */
  endpoint: { host: string; port: number };
  /** The server's own name, for TLS. */
  server: { host: string; port: number };
  /** True when `endpoint` is a local forward. */
  tunnelled: boolean;
  fields: { [field: string]: unknown };
  secrets: { [field: string]: string };
  /** The connector is to refuse what writes. */
  readOnly: boolean;
}
