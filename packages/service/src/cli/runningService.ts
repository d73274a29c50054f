/**
 * The service, if one runs: never started by who only looks.
 */
import type { Socket } from 'node:net';

import {
  type Failure,
  failureErrorCode,
  type Method,
  type Params,
  type Results
} from '@underpass/protocol';
import { ResponseError } from 'vscode-jsonrpc/node.js';

import { connectIfListening } from '../rpc/launch.js';
import { openConnection } from '../rpc/openConnection.js';
import { ServiceError } from '../serviceError.js';
import { within } from '../within.js';
import { findPaths } from '../workspace/paths.js';

export function connectToRunning(): Promise<Socket | undefined> {
  return connectIfListening(findPaths());
}

/**
 * Ask one of the questions that need no introduction, so that services of other versions answer, too.
 * @param milliseconds for the answer
 * @param late what to throw when it does not come
 */
export async function askUnintroduced<
  M extends Method & ('underpass/hello' | 'underpass/shutdown')
>(
  socket: Socket,
  method: M,
  params: Params<M>,
  milliseconds: number,
  late: () => Error
): Promise<Results[M]> {
  const connection = openConnection(socket);
  try {
    return await within(
      connection.sendRequest<Results[M]>(method, params),
      milliseconds,
      late
    );
  } catch (error) {
    throw error instanceof ResponseError && error.code === failureErrorCode
      ? new ServiceError(error.data as Failure)
      : error;
  } finally {
    connection.dispose();
  }
}
