import type { Socket } from 'node:net';

import {
  type Method,
  type Params,
  protocolVersion,
  type Results
} from '@underpass/protocol';

import { ServiceError } from '../serviceError.js';
import { within } from '../within.js';
import { openConnection } from './openConnection.js';

/** Milliseconds for the answer to a question that needs no work: who does not answer that hangs. */
export const patience = 15_000;

/**
 * On a connection of its own: make a service of another version end, if nobody uses it.
 * @returns whether it ends, so that ours can take its place; `gone` if it did while it was asked
 * @throws ServiceError `service-unresponsive`
 */
export async function makeRoom(
  socket: Socket,
  unresponsive: () => Error
): Promise<'stays' | 'ends' | 'gone'> {
  const connection = openConnection(socket);
  const ask = <M extends Method>(method: M, params: Params<M>) =>
    within(
      connection.sendRequest<Results[M]>(method, params),
      patience,
      unresponsive
    );
  try {
    const service = await ask('underpass/hello', {});
    if (
      service.protocolVersion === protocolVersion ||
      service.usedBy.length > 0
    ) {
      return 'stays';
    }
    // Refused when somebody has come in the meantime.
    return await ask('underpass/shutdown', { onlyIdle: true }).then(
      () => 'ends' as const,
      () => 'stays' as const
    );
  } catch (error) {
    if (error instanceof ServiceError) {
      throw error;
    }
    return 'gone';
  } finally {
    connection.dispose();
    socket.destroy();
  }
}
