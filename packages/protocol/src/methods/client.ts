/**
 * How a client comes and what the service says of itself.
 */
import { z } from 'zod';

import type { ForwardDescription } from '../forward.js';
import { define, jsonSchema } from './define.js';

export const clientMethods = {
  'underpass/initialize': define(
    'local',
    z.object({
      protocolVersion: z.int(),
      client: z.object({
        kind: z.enum(['jupyterlab', 'kernel', 'cli', 'vscode']),
        /** For display and audit, e.g. a notebook's path. */
        name: z.string(),
        /** Of the client's own package. */
        version: z.string().optional(),
        /** Shows host-key prompts to a person. */
        approves: z.boolean().default(false)
      }),
      /**
       * What the administrator of a Jupyter server decided, with the members of a policy file. It holds as long as
       * this client is connected. Not understood is no reason to refuse the client: see `problems`.
       */
      admin: z.record(z.string(), jsonSchema).optional()
    })
  ),
  /**
   * Whether somebody answers, and who: before `initialize` and for clients of any version, like `shutdown`. So neither
   * of the two may ever change what it means.
   */
  'underpass/hello': define('local', z.looseObject({})),
  /** End the service; it answers before it ends. */
  'underpass/shutdown': define(
    'local',
    z.looseObject({
      /** Only if nobody uses it; else it fails with `service-in-use`. */
      onlyIdle: z.boolean().default(false)
    })
  ),
  'underpass/status': define('read', z.object({})),
  /** Nothing but a reason for a Jupyter server to start a service that was stopped. */
  'underpass/start': define('execute', z.object({}))
} as const;

/** Who uses the service, for people; `connection` is an open socket of a forward. */
export interface User {
  kind: string;
  name: string;
}

export interface ClientResults {
  'underpass/initialize': {
    protocolVersion: number;
    serviceVersion: string;
    workspace: string;
    /** What of `admin` could not be understood, one sentence each. */
    problems: string[];
  };
  'underpass/hello': {
    protocolVersion: number;
    serviceVersion: string;
    pid: number;
    since: string;
    /** Without the client that asks, unless it has introduced itself. */
    usedBy: User[];
  };
  'underpass/shutdown': Record<string, never>;
  'underpass/start': Record<string, never>;
  'underpass/status': {
    workspace: string;
    pid: number;
    since: string;
    serviceVersion: string;
    protocolVersion: number;
    /** The file that the service runs; `replaced` when an upgrade has put another one in its place since. */
    bundle: { path: string; replaced: boolean };
    clients: { kind: string; name: string; version?: string; since: string }[];
    sessions: {
      bastion: string;
      user: string;
      state: string;
      forwards: number;
      /** When it was last established; absent while it is not up. */
      since?: string;
      /** Through its forwards, of all connections since the service started. */
      bytesSent: number;
      bytesReceived: number;
    }[];
    forwards: (ForwardDescription & { integration: string })[];
  };
}
