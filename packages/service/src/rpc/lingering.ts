import type { Server } from 'node:net';

import type { Service } from '../service.js';

/** Milliseconds that the service lives on after its last client; UNDERPASS_LINGER gives other ones, in seconds. */
const usual = 30_000;

export function lingeringTime(environment: NodeJS.ProcessEnv): number {
  const seconds = Number(environment.UNDERPASS_LINGER || NaN);
  return seconds >= 0 && seconds <= 86_400 ? seconds * 1000 : usual;
}

/**
 * Have the service stop when nobody has used it for a while: no process is connected to its socket, and no socket of
 * a forward is open. A person who dialled a forward's port is no client, and loses nothing either.
 */
export function stopWhenUnused(
  service: Service,
  server: Server,
  milliseconds: number
): void {
  let streams = 0;
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    const used =
      streams > 0 ||
      service.tunnels.entries().some(([, { connections }]) => connections > 0);
    if (used) {
      clearTimeout(timer);
      timer = undefined;
    } else {
      timer ??= setTimeout(() => service.stop('unused'), milliseconds);
    }
  };
  server.on('connection', stream => {
    streams += 1;
    stream.once('close', () => {
      streams -= 1;
      look();
    });
    look();
  });
  service.tunnels.on('changed', look);
  look();
}
