import type { EgressResults } from '@underpass/protocol';
import { z } from 'zod';

import { checked, showEgress } from '../../egress/show.js';
import { fail } from '../../serviceError.js';
import type { Store } from '../../workspace/store.js';
import type { HandlersOf } from './define.js';

/** Name of the setting. */
const setting = 'egressAddresses';

export const egressHandlers: HandlersOf<keyof EgressResults> = {
  'underpass/egress/show': ({ integration, previous }, { service }) =>
    showEgress({
      policy: service.policy,
      kept: kept(service.store),
      integration:
        integration === undefined ? undefined : service.store.find(integration),
      previous
    }),

  'underpass/egress/set': (params, { service }) => {
    service.policy.requireEgress();
    const { from, addresses } = service.policy.egressAddresses();
    if (addresses.length > 0) {
      throw fail(
        'switched-off',
        'request',
        `The administrator gives the egress addresses (${from.join(', ')}); they can not be changed here.`,
        'Ask the administrator to change them.',
        { field: 'addresses' }
      );
    }
    const list = checked(params.addresses);
    service.store.setSetting(
      setting,
      list.addresses.length > 0 ? list.addresses : undefined
    );
    service.hint('policy', setting);
    return list;
  }
};

/** What somebody else has written there is no reason to fail: entries that are none are left out when shown. */
function kept(store: Store): string[] {
  const { data } = z.array(z.string()).safeParse(store.settings()[setting]);
  return data ?? [];
}
