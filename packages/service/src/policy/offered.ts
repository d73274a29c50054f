import type { Permissions } from '@underpass/protocol';

import type { IntegrationDefinition } from '../integrations/define.js';
import { offeredSsh } from '../integrations/fields.js';

/**
 * A type with nothing of what is switched off, for those who add an integration.
 * @returns undefined where the whole type is switched off
 */
export function offered(
  definition: IntegrationDefinition,
  { sshTunnels, genericTunnel, caUpload }: Permissions
): IntegrationDefinition | undefined {
  if (
    (definition.id === 'ssh-tunnel' && !genericTunnel) ||
    (definition.ssh === 'required' && !sshTunnels)
  ) {
    return undefined;
  }
  const gone = [
    ...(sshTunnels ? [] : Object.keys(offeredSsh)),
    ...(caUpload ? [] : ['caCertificate'])
  ];
  return {
    ...definition,
    ssh: sshTunnels ? definition.ssh : 'none',
    shape: Object.fromEntries(
      Object.entries(definition.shape).filter(
        ([field]) => !gone.includes(field)
      )
    )
  };
}
