import { chmodSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

import type { Service } from '../service.js';
import { fail, systemCode } from '../serviceError.js';
import { serveConnection } from './connection.js';

/** Listen on the service's socket (0600). */
export function listen(service: Service): Promise<Server> {
  const server = createServer(stream => serveConnection(service, stream));
  const mask = process.umask(0o177);
  return new Promise((resolve, reject) => {
    server.once('error', error =>
      reject(
        fail(
          'storage-failed',
          'request',
          `The socket ${service.paths.socket} could not be made (${systemCode(error) ?? error.message}).`,
          'Make room on that disk, or set UNDERPASS_RUNTIME_DIR to a folder of yours on a local disk.',
          { path: service.paths.socket }
        )
      )
    );
    server.listen(service.paths.socket, () => {
      process.umask(mask);
      if (process.platform !== 'win32') {
        chmodSync(service.paths.socket, 0o600);
      }
      resolve(server);
    });
  });
}
