import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

import type { HostAndPort } from '../address.js';
import type { Transport } from '../ssh/engine.js';
import { isOwnPeer } from '../ssh/peer.js';
import { splice } from '../ssh/splice.js';

const loopback = '127.0.0.1';

/**
 * A local endpoint to one remote host:port over the connection of a test, which ends with it. Nothing is parked and
 * nothing comes back: what a test dials either is there or is not.
 */
export class TestForward {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly endpoint: HostAndPort
  ) {}

  static async open(
    transport: Transport,
    remote: HostAndPort,
    signal: AbortSignal
  ): Promise<TestForward> {
    const server = createServer({
      allowHalfOpen: true,
      pauseOnConnect: true,
      noDelay: true
    });
    server.listen({ host: loopback, port: 0, exclusive: true });
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const forward = new TestForward(server, { host: loopback, port });
    server.on('connection', socket => {
      forward.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => forward.sockets.delete(socket));
      forward
        .lead(socket, transport, remote, signal)
        .catch(() => socket.resetAndDestroy());
    });
    return forward;
  }

  close(): void {
    this.server.close();
    this.sockets.forEach(socket => socket.resetAndDestroy());
  }

  private async lead(
    socket: Socket,
    transport: Transport,
    { host, port }: HostAndPort,
    signal: AbortSignal
  ): Promise<void> {
    if (!(await isOwnPeer(socket))) {
      throw new Error('another user');
    }
    const channel = await transport.openChannel(host, port, signal);
    if (socket.destroyed) {
      channel.destroy();
      return;
    }
    splice(socket, channel, () => transport.alive);
  }
}
