import type { ForwardsResults } from '@underpass/protocol';
import type { HeldForward } from '@underpass/protocol';
import { environmentVariables } from '../../integrations/environment.js';
import { fail } from '../../serviceError.js';
import { isSameName } from '../../workspace/names.js';
import { isConnected, projectOf } from '../../workspace/projects.js';
import { connect } from '../connect.js';
import { ensure, ensurePeer } from '../ensure.js';
import type { HandlersOf } from './define.js';

export const forwardsHandlers: HandlersOf<keyof ForwardsResults> = {
  'underpass/integrations/prewarm': async (
    { folder, integrations, retry },
    { service }
  ) => {
    const project = projectOf(service.store, folder);
    for (const reference of integrations) {
      const found = service.store
        .integrations()
        .find(({ name, aliases }) =>
          [name, ...aliases].some(used => isSameName(used, reference))
        );
      if (
        found &&
        isConnected(service.store, project, found.id) &&
        !service.obstacleTo(found)
      ) {
        const forward = await service.tunnels.forward(found);
        forward?.wake();
        // Its outcome is in the forward's state; the query that follows reports it.
        forward?.session
          .connected(AbortSignal.timeout(30_000), { patient: !retry })
          .catch(() => undefined);
      }
    }
    return {};
  },

  'underpass/tunnels/close': ({ integration }, { service }) => {
    service.tunnels.rest(service.store.find(integration).id);
    return {};
  },

  'underpass/environment': async ({ folder }, { service }) => {
    const project = projectOf(service.store, folder);
    const connected = service.store
      .integrations()
      .filter(({ id }) => isConnected(service.store, project, id))
      .filter(integration => !service.obstacleTo(integration));
    const variables = await Promise.all(
      connected.map(async integration => {
        const forward = await service.tunnels.forward(integration);
        return forward
          ? environmentVariables(integration.name, forward.describe())
          : {};
      })
    );
    return {
      project,
      variables: Object.assign({}, ...variables) as Record<string, string>
    };
  },

  'underpass/ensure': (params, context) => ensure(params, context),

  'underpass/ensurePeer': (params, context) => ensurePeer(params, context),

  'underpass/hold': async ({ integrations, wait }, context) => {
    const { service, client } = context;
    const forwards: HeldForward[] = [];
    for (const reference of integrations) {
      const found = service.store.find(reference);
      const forward = await service.tunnels.forward(found);
      if (!forward) {
        throw fail(
          'invalid-request',
          'request',
          `"${found.name}" does not use SSH: there is nothing to forward.`,
          'Dial its host and port directly, or switch SSH on.'
        );
      }
      forward.hold(client);
      if (wait) {
        await connect(forward, context);
      } else {
        // Its outcome is in the forward's state, and while it is held it is tried again.
        forward.session
          .connected(AbortSignal.timeout(30_000), { patient: true })
          .catch(() => undefined);
      }
      const description = forward.describe();
      forwards.push({
        integration: found.name,
        forward: description,
        variables: environmentVariables(found.name, description)
      });
    }
    return { forwards };
  }
};
