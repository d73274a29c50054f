import { chmodSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

import type { Service } from '../service.js';
import { serveConnection } from './connection.js';

/** Milliseconds that the service lives on after its last client. */
const lingering = 30_000;

/**
 * Listen on the service's socket (0600).
 * @param ended called once when nobody has been connected for 30 s
 */
export function listen(service: Service, ended: () => void): Promise<Server> {
  let open = 0;
  let timer = setTimeout(ended, lingering);
  const server = createServer(stream => {
    open += 1;
    clearTimeout(timer);
    stream.once('close', () => {
      open -= 1;
      if (open === 0) {
        timer = setTimeout(ended, lingering);
      }
    });
    serveConnection(service, stream);
  });
  const mask = process.umask(0o177);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(service.paths.socket, () => {
      process.umask(mask);
      if (process.platform !== 'win32') {
        chmodSync(service.paths.socket, 0o600);
      }
      resolve(server);
    });
  });
}
