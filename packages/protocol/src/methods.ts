/**
 * The requests of the service: name, who may send it, what it takes. Results are typed in {@link Results}.
 */
import { z } from 'zod';

import { type Json, jsonSchema } from './failure.js';
import type { ForwardDescription, Ready } from './forward.js';
import type {
  ApprovedHostKey,
  HostKeyPrompt,
  ScannedHostKey
} from './hostKey.js';
import type { HowToUse, Integration, IntegrationType } from './integration.js';
import type { TestReport } from './testReport.js';

/** Grows with every change that an older client can not follow. */
export const protocolVersion = 1;

/**
 * `read`, `write` and `execute` are relayed for a browser whose user has that right;
 * `local` never leaves this machine's own processes.
 */
export type Access = 'read' | 'write' | 'execute' | 'local';

/** Absolute path of a folder; the nearest project above it is meant. */
const folder = z.string().min(1);
/** Id, name or former name. */
const integration = z.string().min(1);
const host = z.string().min(1);
const port = z.int().min(1).max(65535);

const define = <P extends z.ZodType>(access: Access, params: P) => ({
  access,
  params
});

export const methods = {
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
  'underpass/types/list': define('read', z.object({})),
  'underpass/integrations/list': define('read', z.object({ folder })),
  'underpass/integrations/get': define(
    'read',
    z.object({ folder, integration })
  ),
  'underpass/integrations/add': define(
    'write',
    z.object({
      folder,
      type: z.string().min(1),
      name: z.string(),
      fields: z.record(z.string(), jsonSchema),
      secrets: z.record(z.string(), z.string()).default({}),
      /** Connect it to the folder's project at once. */
      connect: z.boolean().default(true)
    })
  ),
  /**
   * Read a connection URL into the fields of a form; keeps nothing. Not `read`, though it changes nothing: the URL may
   * hold a password, and only who may add an integration has a use for it.
   */
  'underpass/integrations/parseUrl': define(
    'write',
    z.object({
      url: z.string(),
      /** Id of the type that is taken if it is one of those that know such URLs. */
      type: z.string().optional()
    })
  ),
  'underpass/integrations/remove': define('write', z.object({ integration })),
  'underpass/integrations/connect': define(
    'execute',
    z.object({ folder, integration })
  ),
  'underpass/integrations/disconnect': define(
    'execute',
    z.object({ folder, integration })
  ),
  'underpass/integrations/test': define('execute', z.object({ integration })),
  'underpass/integrations/howToUse': define('read', z.object({ integration })),
  /**
   * Dial in the background; answers at once. Does nothing for an integration that is not connected to the project.
   */
  'underpass/integrations/prewarm': define(
    'execute',
    z.object({
      folder,
      integrations: z.array(integration),
      /** A person asks: also repeat what just failed and needs one. */
      retry: z.boolean().default(false)
    })
  ),
  'underpass/key/show': define('read', z.object({})),
  'underpass/hostKeys/list': define('read', z.object({})),
  'underpass/hostKeys/scan': define('execute', z.object({ host, port })),
  'underpass/hostKeys/approve': define(
    'write',
    z.object({ host, port, fingerprint: z.string().min(1) })
  ),
  'underpass/hostKeys/remove': define('write', z.object({ host, port })),
  'underpass/prompts/list': define('read', z.object({})),
  /** Say no to a prompt: what waits for it fails at once. */
  'underpass/prompts/reject': define('write', z.object({ id: z.string() })),
  'underpass/status': define('read', z.object({})),
  /** Variables for a new kernel in this folder; binds the ports before it answers. */
  'underpass/environment': define('local', z.object({ folder })),
  /** Wait until the integration can be dialled; the only method that returns its secrets. */
  'underpass/ensure': define(
    'local',
    z.object({ folder, integration, consumer: z.string().optional() })
  ),
  /**
   * A forward to a further server that an integration's own one names: a member of its replica set. Only for types
   * that have such, and after `ensure`. It runs over the same session and ends with the integration.
   */
  'underpass/ensurePeer': define(
    'local',
    z.object({ integration, host, port, consumer: z.string().optional() })
  ),
  /** Keep forwards open until this client goes away. */
  'underpass/hold': define(
    'local',
    z.object({ integrations: z.array(integration).min(1) })
  )
} as const;

export type Method = keyof typeof methods;
/** What a client sends (defaults left out). */
export type Params<M extends Method> = z.input<(typeof methods)[M]['params']>;
/** What the service works with (defaults filled in). */
export type ParsedParams<M extends Method> = z.output<
  (typeof methods)[M]['params']
>;

export interface HeldForward {
  integration: string;
  forward: ForwardDescription;
  /** `MY_DB_LOCAL_HOST` and its like. */
  variables: Record<string, string>;
}

export interface Results {
  'underpass/initialize': {
    protocolVersion: number;
    serviceVersion: string;
    workspace: string;
  };
  'underpass/types/list': { types: IntegrationType[] };
  'underpass/integrations/list': {
    project: string;
    integrations: Integration[];
    revision: number;
  };
  'underpass/integrations/get': Integration;
  'underpass/integrations/add': Integration;
  'underpass/integrations/parseUrl': {
    type: string;
    fields: { [field: string]: Json };
    /** What the client itself has sent. */
    secrets: { [field: string]: string };
    /** What was not taken as it stands, one sentence each. */
    remarks: string[];
  };
  'underpass/integrations/remove': Record<string, never>;
  'underpass/integrations/connect': Integration;
  'underpass/integrations/disconnect': Integration;
  'underpass/integrations/test': TestReport;
  'underpass/integrations/howToUse': {
    sections: HowToUse[];
    variables: Record<string, string>;
  };
  'underpass/integrations/prewarm': Record<string, never>;
  'underpass/key/show': {
    publicKey: string;
    fingerprint: string;
    /** Least-privilege line for the targets of this workspace; absent while it has none. */
    authorizedKeys?: string;
  };
  'underpass/hostKeys/list': { hostKeys: ApprovedHostKey[] };
  'underpass/hostKeys/scan': ScannedHostKey;
  'underpass/hostKeys/approve': ApprovedHostKey;
  'underpass/hostKeys/remove': { removed: number };
  'underpass/prompts/list': { prompts: HostKeyPrompt[] };
  'underpass/prompts/reject': Record<string, never>;
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
  'underpass/environment': {
    project: string;
    variables: Record<string, string>;
  };
  'underpass/ensure': Ready;
  'underpass/ensurePeer': {
    endpoint: { host: string; port: number };
    /** As in {@link Ready}. */
    generation: number;
  };
  'underpass/hold': { forwards: HeldForward[] };
}
