import type { Server } from 'node:net';

import { Service } from '../service.js';
import { findPaths } from '../workspace/paths.js';
import { listen } from './server.js';
import { startOnce } from './singleInstance.js';

/**
 * Be the service, unless there is one. Prints one line of JSON to stdout once a service listens, this one or the
 * other; whoever started this process waits for that line.
 */
export async function serve(): Promise<void> {
  const paths = findPaths();
  let server: Server | undefined;
  let service: Service | undefined;
  const end = () => {
    server?.close();
    service?.tunnels.close();
    process.exit(0);
  };
  const started = await startOnce(paths, async () => {
    service = new Service(paths);
    await service.tunnels.restore();
    server = await listen(service, end);
  });
  process.stdout.on('error', () => undefined);
  process.stdout.write(
    `${JSON.stringify({ socket: paths.socket, pid: process.pid })}\n`
  );
  if (started) {
    process.once('SIGTERM', end);
    process.once('SIGINT', end);
    // The terminal or kernel that started us may go; we serve others.
    process.on('SIGHUP', () => undefined);
  }
}
