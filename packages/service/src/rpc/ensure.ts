import type { ParsedParams, Ready } from '@underpass/protocol';

import { definitionOf } from '../integrations/registry.js';
import { fail } from '../serviceError.js';
import type { Forward } from '../ssh/forward.js';
import { isConnected, projectOf } from '../workspace/projects.js';
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
    secrets: store.secrets(integration.id)
  };
  if (!forward) {
    return { ...ready, generation: 0, endpoint: server, tunnelled: false };
  }
  forward.hold(context.client, params.consumer ?? context.client.name);
  return {
    ...ready,
    generation: await generationOf(forward, context),
    endpoint: { host: '127.0.0.1', port: forward.localPort },
    tunnelled: true
  };
}

async function generationOf(
  forward: Forward,
  { signal, progress }: RequestContext
): Promise<number> {
  const { session } = forward;
  const tell = () => {
    const { state } = session;
    if (state.kind === 'failed' && state.cause.code === 'host-key-unknown') {
      progress('waiting for approval in Integrations');
    } else if (state.kind === 'dialling') {
      progress(`connecting to ${session.target.host}`);
    }
  };
  session.on('changed', tell);
  try {
    if (session.state.kind !== 'up') {
      tell();
    }
    await session.connected(signal);
  } finally {
    session.off('changed', tell);
  }
  // Lost again in this very moment: the driver finds out by itself.
  return session.state.kind === 'up' ? session.state.generation : 0;
}
