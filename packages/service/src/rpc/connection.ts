import type { Duplex } from 'node:stream';

import {
  changedNotification,
  type Ending,
  endingNotification,
  failureErrorCode,
  progressNotification,
  testStageNotification
} from '@underpass/protocol';
import {
  type CancellationToken,
  createMessageConnection,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter
} from 'vscode-jsonrpc/node.js';

import type { Client, Service } from '../service.js';
import { asFailure } from '../serviceError.js';
import { handle } from './handle.js';

/** Speak JSON-RPC with one client until its stream ends. */
export function serveConnection(service: Service, stream: Duplex): void {
  const client: Client = {
    kind: 'cli',
    name: 'unknown',
    approves: false,
    since: new Date()
  };
  const running = new Set<AbortController>();
  const connection = createMessageConnection(
    new StreamMessageReader(stream),
    new StreamMessageWriter(stream)
  );
  const changed = (change: unknown) => {
    if (service.clients.has(client)) {
      // A client that is gone needs no hint.
      connection
        .sendNotification(changedNotification, change)
        .catch(() => undefined);
    }
  };
  const ending = (reason: Ending) => {
    connection.sendNotification(endingNotification, reason).then(
      () => connection.end(),
      () => undefined
    );
  };
  service.on('changed', changed).on('ending', ending);
  connection.onRequest(
    async (method: string, params: unknown, token: CancellationToken) => {
      const controller = new AbortController();
      running.add(controller);
      token.onCancellationRequested(() => controller.abort());
      try {
        return await handle(method, params, {
          service,
          client,
          signal: controller.signal,
          progress: message => {
            connection
              .sendNotification(progressNotification, {
                request: method,
                message
              })
              .catch(() => undefined);
          },
          testStage: stage => {
            connection
              .sendNotification(testStageNotification, stage)
              .catch(() => undefined);
          }
        });
      } catch (error) {
        const failure = asFailure(error);
        if (failure.code === 'internal') {
          service.emit('unforeseen', error);
        } else if (failure.code === 'storage-failed') {
          service.emit('problem', error);
        }
        return new ResponseError(failureErrorCode, failure.message, failure);
      } finally {
        running.delete(controller);
      }
    }
  );
  connection.onClose(() => {
    running.forEach(controller => controller.abort());
    service.off('changed', changed).off('ending', ending);
    service.leave(client);
    connection.dispose();
  });
  stream.on('error', () => stream.destroy());
  connection.listen();
}
