import {
  type Integration,
  protocolVersion,
  type Results
} from '@underpass/protocol';

import { hostPort } from '../address.js';
import { environmentPrefix } from '../integrations/environment.js';
import { definitions } from '../integrations/registry.js';
import type { Service } from '../service.js';
import { asFailure } from '../serviceError.js';
import { version } from '../version.js';
import { marksOf } from '../workspace/marks.js';
import { isConnected } from '../workspace/projects.js';
import { revisionOf } from '../workspace/revision.js';
import type { Store, StoredIntegration } from '../workspace/store.js';

/** An integration as clients see it; the port of a connected one is bound by this. */
export async function describeIntegration(
  service: Service,
  integration: StoredIntegration,
  project: string
): Promise<Integration> {
  const { id, type, name, aliases, fields } = integration;
  const connected = isConnected(service.store, project, id);
  const unusable = service.obstacleTo(integration);
  const forward = unusable
    ? undefined
    : connected
      ? await service.tunnels.forward(integration)
      : service.tunnels.existing(id);
  return {
    id,
    revision: revisionOf(service.store, integration),
    type,
    typeLabel: definitions.find(known => known.id === type)?.label ?? type,
    name,
    aliases,
    marks: marksOf(integration),
    fields,
    ...describeSecrets(service.store, id),
    connected,
    environmentPrefix: environmentPrefix(name),
    ...(unusable ? { unusable } : {}),
    ...(forward ? { forward: forward.describe() } : {})
  };
}

/** That the vault can not be read is no reason not to show the rest. */
function describeSecrets(
  store: Store,
  id: string
): Pick<Integration, 'secretsSet' | 'secretsUnreadable' | 'secretsFailure'> {
  try {
    const secretsSet = store.secretsSet(id);
    const secretsUnreadable = store.secretsUnreadable(id);
    return {
      secretsSet,
      ...(secretsUnreadable.length > 0 ? { secretsUnreadable } : {})
    };
  } catch (error) {
    return { secretsSet: [], secretsFailure: asFailure(error) };
  }
}

export function describeStatus(service: Service): Results['underpass/status'] {
  const entries = service.tunnels.entries();
  const sessions = new Set(entries.map(([, { session }]) => session));
  return {
    workspace: service.paths.home,
    pid: process.pid,
    since: service.since.toISOString(),
    serviceVersion: version,
    protocolVersion,
    bundle: { path: service.bundle.path, replaced: service.bundle.replaced },
    clients: [...service.clients].map(client => ({
      kind: client.kind,
      name: client.name,
      ...(client.version ? { version: client.version } : {}),
      since: client.since.toISOString()
    })),
    sessions: [...sessions].map(session => {
      const forwards = entries
        .map(([, forward]) => forward)
        .filter(forward => forward.session === session);
      const open = forwards.map(forward => forward.openTraffic());
      const { state, target, traffic } = session;
      return {
        bastion: hostPort(target),
        user: target.user,
        state: state.kind,
        forwards: forwards.length,
        ...(state.kind === 'up' ? { since: state.since } : {}),
        bytesSent: open.reduce((sum, { sent }) => sum + sent, traffic.sent),
        bytesReceived: open.reduce(
          (sum, { received }) => sum + received,
          traffic.received
        )
      };
    }),
    forwards: entries.map(([id, forward]) => ({
      integration: service.store.nameOf(id),
      ...forward.describe()
    }))
  };
}
