/**
 * Egress addresses: what databases and bastions see of this server.
 */
import { z } from 'zod';

import type { EgressGuide } from '../egress.js';
import { define, integration } from './define.js';

const addresses = z.array(z.string().max(1000)).max(1000);

export const egressMethods = {
  'underpass/egress/show': define(
    'read',
    z.object({
      /** Fit the guides to it: its port, its bastion, its vendor. */
      integration: integration.optional(),
      /** A list that was authorized before: what to add and to remove is said, too. */
      previous: addresses.optional()
    })
  ),
  /** Keep a list in the workspace; an empty one clears it. Refused where the administrator gives the list. */
  'underpass/egress/set': define('write', z.object({ addresses }))
} as const;

export interface EgressResults {
  'underpass/egress/show': {
    /** False: the administrator switched this off, and nothing else is said. */
    enabled: boolean;
    source: 'admin' | 'user' | 'none';
    /** Where the administrator's list stands. */
    from: string[];
    addresses: string[];
    /** About entries of the list, one sentence each. */
    remarks: string[];
    /** Of this server on its own network, the one that leads outwards first. */
    ownAddresses: string[];
    /** What these addresses are and are not. */
    note: string;
    /** Prints the address that the internet sees. */
    findOut: string;
    /** Set where the integration uses SSH: the database sees this one's address. */
    bastion?: { host: string; port: number };
    /** From the previous list to this one. */
    changes?: { add: string[]; remove: string[] };
    guides: EgressGuide[];
  };
  'underpass/egress/set': {
    addresses: string[];
    /** What was written in another way, and other remarks. */
    remarks: string[];
  };
}
