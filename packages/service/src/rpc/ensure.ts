import type { ParsedParams, Ready, Results } from '@underpass/protocol';

import { definitionOf } from '../integrations/registry.js';
import { requireUsable } from '../integrations/usable.js';
import { fail } from '../serviceError.js';
import { marksOf } from '../workspace/marks.js';
import { isConnected, projectOf } from '../workspace/projects.js';
import { connect } from './connect.js';
import type { RequestContext } from './context.js';

/**
 * Everything that a driver needs to reach an integration now; waits for the tunnel. If SSH is on and can not be used
 * this fails: there is no other way to the database.
 */
export async function ensure(
  params: ParsedParams<'underpass/ensure'>,
  context: RequestContext
): Promise<Ready> {
  const { store, tunnels } = context.service;
  const integration = store.find(params.integration);
  requireUsable(integration);
  context.service.policy.require(integration);
  const project = projectOf(store, params.folder);
  if (!isConnected(store, project, integration.id)) {
    throw fail(
      'not-connected',
      'request',
      `"${integration.name}" is not connected to the project ${project}.`,
      `Connect it in the Integrations sidebar, or: underpass connect "${integration.name}" --project "${project}"`
    );
  }
  const definition = definitionOf(integration.type);
  const server = definition.remote(integration.fields);
  const forward = await tunnels.forward(integration);
  const ready = {
    integration: {
      id: integration.id,
      name: integration.name,
      type: integration.type
    },
    server,
    fields: integration.fields,
    secrets: store.secrets(integration.id),
    readOnly: marksOf(integration).readOnly
  };
  if (!forward) {
    return { ...ready, generation: 0, endpoint: server, tunnelled: false };
  }
  forward.hold(context.client, params.consumer);
  return {
    ...ready,
    generation: await connect(forward, context),
    endpoint: { host: '127.0.0.1', port: forward.localPort },
    tunnelled: true
  };
}

/** The same for a further server that the integration's own one names; fails rather than lead around the tunnel. */
export async function ensurePeer(
  params: ParsedParams<'underpass/ensurePeer'>,
  context: RequestContext
): Promise<Results['underpass/ensurePeer']> {
  const { store, tunnels } = context.service;
  const { host, port } = params;
  const forward = await tunnels.peer(store.find(params.integration), {
    host,
    port
  });
  forward.hold(context.client, params.consumer);
  return {
    endpoint: { host: '127.0.0.1', port: forward.localPort },
    generation: await connect(forward, context)
  };
}
