import type { ClientResults } from '@underpass/protocol';
import { protocolVersion } from '@underpass/protocol';

import { fail } from '../../serviceError.js';
import { version } from '../../version.js';
import { describeStatus } from '../describe.js';
import type { HandlersOf } from './define.js';

export const clientHandlers: HandlersOf<keyof ClientResults> = {
  'underpass/initialize': (params, { service, client }) => {
    Object.assign(client, params.client);
    service.come(client);
    const problems = params.admin
      ? service.policy.join(client, client.name, params.admin)
      : [];
    return {
      protocolVersion,
      serviceVersion: version,
      workspace: service.paths.home,
      problems: [...problems]
    };
  },

  'underpass/hello': (_, { service, client }) => ({
    protocolVersion,
    serviceVersion: version,
    pid: process.pid,
    since: service.since.toISOString(),
    usedBy: service.usedBy(client)
  }),

  'underpass/shutdown': ({ onlyIdle }, { service, client }) => {
    const users = service.usedBy(client);
    if (onlyIdle && users.length > 0) {
      throw fail(
        'service-in-use',
        'request',
        `The tunnel service is in use by: ${users.map(({ name }) => name).join(', ')}.`,
        'End those first, or end it all the same: underpass stop',
        { usedBy: users.map(({ kind, name }) => ({ kind, name })) }
      );
    }
    // After the answer has left.
    setImmediate(() => service.stop('asked to stop'));
    return {};
  },

  'underpass/status': (_, { service }) => describeStatus(service),

  'underpass/start': () => ({})
};
