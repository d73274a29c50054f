import type { ClientResults } from '@underpass/protocol';
import { protocolVersion } from '@underpass/protocol';
import { fail } from '../../serviceError.js';
import { version } from '../../version.js';
import { describeStatus } from '../describe.js';
import type { HandlersOf } from './define.js';

export const clientHandlers: HandlersOf<keyof ClientResults> = {
  'underpass/initialize': (params, { service, client }) => {
    if (params.protocolVersion !== protocolVersion) {
      throw fail(
        'protocol-version',
        'request',
        `This service speaks version ${protocolVersion} of its protocol, the client version ${params.protocolVersion}.`,
        'Install the same version of underpass everywhere; the service ends 30 s after its last client.'
      );
    }
    Object.assign(client, params.client);
    service.clients.add(client);
    return {
      protocolVersion,
      serviceVersion: version,
      workspace: service.paths.home
    };
  },

  'underpass/status': (_, { service }) => describeStatus(service)
};
