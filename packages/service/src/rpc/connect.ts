import type { Forward } from '../ssh/forward.js';
import type { RequestContext } from './context.js';

/**
 * Wait for a forward's session, telling the client what is waited for.
 * @returns its generation
 */
export async function connect(
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
  return forward.generation;
}
