/**
 * Forwards: what kernels, cells and commands dial.
 */
import { z } from 'zod';

import type { ForwardDescription, Ready } from '../forward.js';
import { define, folder, integration, host, port } from './define.js';

export const forwardsMethods = {
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
  /**
   * Reset what is open through the tunnels of an integration and let its session go. Its ports stay bound: the next
   * use dials again.
   */
  'underpass/tunnels/close': define('execute', z.object({ integration })),
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
    z.object({
      integrations: z.array(integration).min(1),
      /** Until they are up, and fail if they can not be; else they are dialled in the background. */
      wait: z.boolean().default(true)
    })
  )
} as const;

export interface HeldForward {
  integration: string;
  forward: ForwardDescription;
  /** `MY_DB_LOCAL_HOST` and its like. */
  variables: Record<string, string>;
}

export interface ForwardsResults {
  'underpass/integrations/prewarm': Record<string, never>;
  'underpass/tunnels/close': Record<string, never>;
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
