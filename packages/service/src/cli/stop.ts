import { Command } from 'commander';
import {
  createMessageConnection,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter
} from 'vscode-jsonrpc/node.js';
import { type Failure, failureErrorCode } from '@underpass/protocol';

import { fail, ServiceError } from '../serviceError.js';
import { withExamples } from './examples.js';
import { connectToRunning } from './runningService.js';
import { withShell } from './session.js';

/** Milliseconds for the service to end. */
const longestEnd = 10_000;

export function stopCommand(): Command {
  return withExamples(
    new Command('stop')
      .description(
        'End the tunnel service with its forwards; whoever needs it next starts it again'
      )
      .option('--only-idle', 'not while somebody uses it')
      .action(
        withShell(async ({ output }, { onlyIdle }: { onlyIdle?: boolean }) => {
          const stopped = await stop(onlyIdle === true);
          output.result({ stopped }, () => [
            stopped
              ? 'The tunnel service has ended.'
              : 'No tunnel service runs.'
          ]);
        })
      ),
    'underpass stop',
    'underpass stop --only-idle'
  );
}

/** Without introducing ourselves: a service of another version has to be stoppable, too. */
async function stop(onlyIdle: boolean): Promise<boolean> {
  const socket = await connectToRunning();
  if (!socket) {
    return false;
  }
  const connection = createMessageConnection(
    new StreamMessageReader(socket),
    new StreamMessageWriter(socket)
  );
  const ended = new Promise<void>((resolve, reject) => {
    socket.once('close', () => resolve());
    setTimeout(() => reject(stillThere()), longestEnd).unref();
  });
  ended.catch(() => undefined);
  connection.listen();
  try {
    await Promise.race([
      connection.sendRequest('underpass/shutdown', { onlyIdle }),
      ended
    ]);
    await ended;
    return true;
  } catch (error) {
    if (error instanceof ResponseError && error.code === failureErrorCode) {
      throw new ServiceError(error.data as Failure);
    }
    throw error;
  } finally {
    connection.dispose();
    socket.destroy();
  }
}

function stillThere(): Error {
  return fail(
    'service-unavailable',
    'request',
    `The tunnel service did not end within ${longestEnd / 1000} s.`,
    'Look at it with underpass doctor.'
  );
}
