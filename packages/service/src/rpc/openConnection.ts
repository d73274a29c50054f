import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

import {
  createMessageConnection,
  type DataCallback,
  type Disposable,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter
} from 'vscode-jsonrpc/node.js';

/** Turns of the event loop without a message: the library decodes one in two of them. */
const quietTurns = 4;

/**
 * Speak JSON-RPC with the service. Its end is told after all that came before it, the service's farewell above all:
 * by itself the library drops the messages that it has not come to when the stream closes.
 */
export function openConnection(socket: Socket): MessageConnection {
  const reader = new ThoroughReader(socket);
  const connection = createMessageConnection(
    reader,
    new SilentWriter(socket),
    undefined,
    {
      messageStrategy: {
        handleMessage: (message, next) => {
          try {
            next(message);
          } finally {
            reader.handled++;
          }
        }
      }
    }
  );
  // Requests without an answer are not told of the end of the connection otherwise.
  connection.onClose(() => connection.dispose());
  connection.listen();
  return connection;
}

class ThoroughReader extends StreamMessageReader {
  private decoded = 0;
  private disposed = false;
  handled = 0;

  override dispose(): void {
    super.dispose();
    this.disposed = true;
  }

  override listen(callback: DataCallback): Disposable {
    return super.listen(message => {
      this.decoded++;
      callback(message);
    });
  }

  protected override fireClose(): void {
    void this.allHandled().then(() => super.fireClose());
  }

  /** Who disposed of it hears nothing more. */
  private async allHandled(): Promise<void> {
    let quiet = 0;
    while (quiet < quietTurns && !this.disposed) {
      const before = this.decoded;
      await turn();
      const isQuiet = this.decoded === before && this.handled === before;
      quiet = isQuiet ? quiet + 1 : 0;
    }
  }
}

/** The end of the stream is the reader's to tell. */
class SilentWriter extends StreamMessageWriter {
  protected override fireClose(): void {}
}
