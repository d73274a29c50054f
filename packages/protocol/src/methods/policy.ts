/**
 * What the administrator has switched off.
 */
import { z } from 'zod';

import type { Permissions } from '../policy.js';
import { define } from './define.js';

export const policyMethods = {
  'underpass/policy/show': define('read', z.object({}))
} as const;

export interface PolicyResults {
  'underpass/policy/show': Permissions & {
    /** Where something is switched off: a file, a Jupyter server. */
    from: string[];
    /** What in these places could not be understood, and what follows, one sentence each. */
    problems: string[];
  };
}
