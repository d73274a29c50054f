import type { ForwardDescription, Integration } from '@underpass/protocol';

/** An integration whose tunnel is bound. */
export type Tunnelled = Integration & { forward: ForwardDescription };

/** Whether its tunnel has connections, or goes on trying to get one. */
export function isOpen(integration: Integration): integration is Tunnelled {
  const kind = integration.forward?.state.kind;
  return kind === 'up' || kind === 'dialling' || kind === 'waiting';
}
