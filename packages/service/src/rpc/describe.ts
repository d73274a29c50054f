import type { Integration, Results } from '@underpass/protocol';

import { hostPort } from '../address.js';
import { environmentPrefix } from '../integrations/environment.js';
import type { Service } from '../service.js';
import { isConnected } from '../workspace/projects.js';
import type { StoredIntegration } from '../workspace/store.js';

/** An integration as clients see it; the port of a connected one is bound by this. */
export async function describeIntegration(
  service: Service,
  integration: StoredIntegration,
  project: string
): Promise<Integration> {
  const { id, type, name, aliases, fields } = integration;
  const connected = isConnected(service.store, project, id);
  const forward = connected
    ? await service.tunnels.forward(integration)
    : service.tunnels.existing(id);
  return {
    id,
    type,
    name,
    aliases,
    fields,
    secretsSet: service.store.secretsSet(id),
    connected,
    environmentPrefix: environmentPrefix(name),
    ...(forward ? { forward: forward.describe() } : {})
  };
}

export function describeStatus(service: Service): Results['underpass/status'] {
  const entries = service.tunnels.entries();
  const sessions = new Set(entries.map(([, { session }]) => session));
  return {
    workspace: service.paths.home,
    pid: process.pid,
    since: service.since.toISOString(),
    clients: [...service.clients].map(({ kind, name }) => ({ kind, name })),
    sessions: [...sessions].map(session => ({
      bastion: hostPort(session.target),
      user: session.target.user,
      state: session.state.kind,
      forwards: entries.filter(([, forward]) => forward.session === session)
        .length
    })),
    forwards: entries.map(([id, forward]) => ({
      integration: service.store.find(id).name,
      ...forward.describe()
    }))
  };
}
