/**
 * The SSH key of the workspace.
 */
import { z } from 'zod';

import { define } from './define.js';

export const keyMethods = {
  'underpass/key/show': define('read', z.object({}))
} as const;

export interface KeyResults {
  'underpass/key/show': {
    publicKey: string;
    fingerprint: string;
    /** Least-privilege line for the targets of this workspace; absent while it has none. */
    authorizedKeys?: string;
  };
}
