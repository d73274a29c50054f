import { connect, type Socket } from 'node:net';

import { findPaths } from '../workspace/paths.js';

/** Connect to the service if one runs; never starts one. */
export function connectToRunning(): Promise<Socket | undefined> {
  return new Promise(resolve => {
    const socket = connect(findPaths().socket);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', () => resolve(undefined));
  });
}
