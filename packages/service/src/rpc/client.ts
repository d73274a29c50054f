import type { Socket } from 'node:net';

import {
  type Changed,
  changedNotification,
  type Failure,
  failureErrorCode,
  type Method,
  type Params,
  progressNotification,
  type Progress,
  protocolVersion,
  type Results
} from '@underpass/protocol';
import {
  createMessageConnection,
  type MessageConnection,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter
} from 'vscode-jsonrpc/node.js';

import { fail, ServiceError } from '../serviceError.js';

/** The command line's side of the socket. */
export class ServiceClient {
  private constructor(private readonly connection: MessageConnection) {}

  /** @param approves whether it shows questions about host keys to a person */
  static async open(
    socket: Socket,
    name: string,
    approves = false
  ): Promise<ServiceClient> {
    const connection = createMessageConnection(
      new StreamMessageReader(socket),
      new StreamMessageWriter(socket)
    );
    // Requests without an answer are not told of the end of the connection otherwise.
    connection.onClose(() => connection.dispose());
    connection.listen();
    const client = new ServiceClient(connection);
    await client.request('underpass/initialize', {
      protocolVersion,
      client: { kind: 'cli', name, approves }
    });
    return client;
  }

  /** @throws ServiceError as the service sent it */
  async request<M extends Method>(
    method: M,
    params: Params<M>
  ): Promise<Results[M]> {
    try {
      return await this.connection.sendRequest(method, params);
    } catch (error) {
      if (error instanceof ResponseError && error.code === failureErrorCode) {
        throw new ServiceError(error.data as Failure);
      }
      throw fail(
        'service-unavailable',
        'request',
        `The tunnel service did not answer: ${error instanceof Error ? error.message : String(error)}`,
        'Run it again: the service is started anew.'
      );
    }
  }

  onProgress(listener: (progress: Progress) => void): void {
    this.connection.onNotification(progressNotification, listener);
  }

  onChanged(listener: (change: Changed) => void): void {
    this.connection.onNotification(changedNotification, listener);
  }

  onClose(listener: () => void): void {
    this.connection.onClose(listener);
  }

  close(): void {
    this.connection.end();
    this.connection.dispose();
  }
}
