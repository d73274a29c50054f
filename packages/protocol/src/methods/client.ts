/**
 * How a client comes and what the service says of itself.
 */
import { z } from 'zod';

import type { ForwardDescription } from '../forward.js';
import { define } from './define.js';

export const clientMethods = {
  'underpass/initialize': define(
    'local',
    z.object({
      protocolVersion: z.int(),
      client: z.object({
        kind: z.enum(['jupyterlab', 'kernel', 'cli', 'vscode']),
        /** For display and audit, e.g. a notebook's path. */
        name: z.string(),
        /** Shows host-key prompts to a person. */
        approves: z.boolean().default(false)
      })
    })
  ),
  'underpass/status': define('read', z.object({}))
} as const;

export interface ClientResults {
  'underpass/initialize': {
    protocolVersion: number;
    serviceVersion: string;
    workspace: string;
  };
  'underpass/status': {
    workspace: string;
    pid: number;
    since: string;
    clients: { kind: string; name: string }[];
    sessions: {
      bastion: string;
      user: string;
      state: string;
      forwards: number;
    }[];
    forwards: (ForwardDescription & { integration: string })[];
  };
}
