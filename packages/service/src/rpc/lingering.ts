import type { Server } from 'node:net';

import type { Service } from '../service.js';

/** Milliseconds that the service lives on after its last client; UNDERPASS_LINGER gives other ones, in seconds. */
const usual = 30_000;

export function lingeringTime(environment: NodeJS.ProcessEnv): number {
  const seconds = Number(environment.UNDERPASS_LINGER || NaN);
  return seconds >= 0 && seconds <= 86_400 ? seconds * 1000 : usual;
}

/**
 * Has the service stop when nobody has used it for a while: no process is connected to its socket, and no socket of
 * a forward is open. A person who dialled a forward's port is no client, and loses nothing either.
 */
export class Lingering {
  private streams = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly service: Service,
    private readonly milliseconds: number
  ) {
    service.tunnels.on('changed', () => this.look());
    this.look();
  }

  /** Count those who connect to it. */
  observe(server: Server): void {
    server.on('connection', stream => {
      this.streams += 1;
      stream.once('close', () => {
        this.streams -= 1;
        this.look();
      });
      this.look();
    });
  }

  private look(): void {
    const { tunnels } = this.service;
    const used =
      this.streams > 0 ||
      tunnels.entries().some(([, { connections }]) => connections > 0);
    if (used) {
      clearTimeout(this.timer);
      this.timer = undefined;
    } else {
      this.timer ??= setTimeout(
        () => this.service.stop('unused'),
        this.milliseconds
      );
    }
  }
}
