/**
 * Host keys of SSH servers, and the questions about them.
 */
import { z } from 'zod';

import type {
  ApprovedHostKey,
  HostKeyPrompt,
  ScannedHostKey
} from '../hostKey.js';
import { define, host, port } from './define.js';

export const hostKeysMethods = {
  'underpass/hostKeys/list': define('read', z.object({})),
  'underpass/hostKeys/scan': define('execute', z.object({ host, port })),
  'underpass/hostKeys/approve': define(
    'write',
    z.object({ host, port, fingerprint: z.string().min(1) })
  ),
  'underpass/hostKeys/remove': define('write', z.object({ host, port })),
  'underpass/prompts/list': define('read', z.object({})),
  /** Say no to a prompt: what waits for it fails at once. */
  'underpass/prompts/reject': define('write', z.object({ id: z.string() }))
} as const;

export interface HostKeysResults {
  'underpass/hostKeys/list': { hostKeys: ApprovedHostKey[] };
  'underpass/hostKeys/scan': ScannedHostKey;
  'underpass/hostKeys/approve': ApprovedHostKey;
  'underpass/hostKeys/remove': { removed: number };
  'underpass/prompts/list': { prompts: HostKeyPrompt[] };
  'underpass/prompts/reject': Record<string, never>;
}
