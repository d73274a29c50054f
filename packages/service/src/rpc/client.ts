import type { Socket } from 'node:net';

import {
  type Ending,
  endingNotification,
  type Changed,
  changedNotification,
  type Failure,
  failureErrorCode,
  type Method,
  type Params,
  progressNotification,
  type Progress,
  type TestStage,
  testStageNotification,
  protocolVersion,
  type Results
} from '@underpass/protocol';
import { type MessageConnection, ResponseError } from 'vscode-jsonrpc/node.js';

import { fail, ServiceError } from '../serviceError.js';
import { version } from '../version.js';
import { within } from '../within.js';
import { findPaths } from '../workspace/paths.js';
import { patience } from './hello.js';
import { openConnection } from './openConnection.js';
import { Place } from './place.js';
import { unresponsive } from './singleInstance.js';

/** The command line's side of the socket. */
export class ServiceClient {
  private readonly changes = new Set<(change: Changed) => void>();

  private constructor(private readonly connection: MessageConnection) {
    // Each notification has one handler, and hints have several readers.
    connection.onNotification(changedNotification, (change: Changed) =>
      this.changes.forEach(listener => listener(change))
    );
  }

  /**
   * @param approves whether it shows questions about host keys to a person
   * @throws ServiceError, `protocol-version` for example
   */
  static async open(
    socket: Socket,
    name: string,
    approves = false
  ): Promise<ServiceClient> {
    const connection = openConnection(socket);
    const client = new ServiceClient(connection);
    try {
      await client.request('underpass/initialize', {
        protocolVersion,
        client: { kind: 'cli', name, version, approves }
      });
    } catch (error) {
      client.close();
      throw error;
    }
    return client;
  }

  /**
   * Requests may take minutes, while a person is asked; a service that hangs is noticed.
   * @throws ServiceError as the service sent it, or `service-unresponsive`
   */
  async request<M extends Method>(
    method: M,
    params: Params<M>
  ): Promise<Results[M]> {
    const answer = this.connection.sendRequest<Results[M]>(method, params);
    const watch = setInterval(() => this.giveUpIfSilent(), patience);
    try {
      return await answer;
    } catch (error) {
      if (error instanceof ResponseError && error.code === failureErrorCode) {
        throw new ServiceError(error.data as Failure);
      }
      throw (
        this.hangs ??
        fail(
          'service-unavailable',
          'request',
          `The tunnel service did not answer: ${error instanceof Error ? error.message : String(error)}`,
          'Run it again: the service is started anew.'
        )
      );
    } finally {
      clearInterval(watch);
    }
  }

  onProgress(listener: (progress: Progress) => void): void {
    this.connection.onNotification(progressNotification, listener);
  }

  /** How a test that this client asked for goes on. */
  onTestStage(listener: (stage: TestStage) => void): void {
    this.connection.onNotification(testStageNotification, listener);
  }

  onChanged(listener: (change: Changed) => void): void {
    this.changes.add(listener);
  }

  /** The service says that it ends in order; one that was killed does not. */
  onEnding(listener: (ending: Ending) => void): void {
    this.connection.onNotification(endingNotification, listener);
  }

  onClose(listener: () => void): void {
    this.connection.onClose(listener);
  }

  close(): void {
    this.connection.end();
    this.connection.dispose();
  }

  private hangs: Error | undefined;

  private giveUpIfSilent(): void {
    within(this.connection.sendRequest('underpass/hello', {}), patience, () =>
      unresponsive(new Place(findPaths().pid).holder())
    ).catch((error: unknown) => {
      if (error instanceof ServiceError) {
        this.hangs = error;
        this.close();
      }
    });
  }
}
