import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** Servers that say which they are. */
export class NamedServers {
  private constructor(private readonly servers: readonly Server[]) {}

  static async start(...names: string[]): Promise<NamedServers> {
    const servers = names.map(name =>
      createServer(socket => socket.on('error', () => undefined).write(name))
    );
    for (const server of servers) {
      await once(server.listen(0, '127.0.0.1'), 'listening');
    }
    return new NamedServers(servers);
  }

  /** In the order of the names. */
  get ports(): number[] {
    return this.servers.map(server => {
      const address = server.address();
      return typeof address === 'object' && address ? address.port : 0;
    });
  }

  close(): void {
    this.servers.forEach(server => server.close());
  }
}

/** Who answered. */
export async function said(socket: Socket): Promise<string> {
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString();
}
