/**
 * A service with a tunnel through a real SSH server to a server that says what it was told.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

import { Sshd } from './sshd.js';
import { TestWorkspace } from './workspace.js';

export class EchoTunnel {
  private constructor(
    readonly sshd: Sshd,
    private readonly echo: Server,
    readonly echoPort: number
  ) {}

  static async start(): Promise<EchoTunnel> {
    const sshd = await Sshd.start();
    const echo = createServer({ allowHalfOpen: true }, socket =>
      socket.on('error', () => undefined).pipe(socket)
    );
    return new EchoTunnel(sshd, echo, await listenAnywhere(echo));
  }

  async stop(): Promise<void> {
    this.echo.close();
    await this.sshd.remove();
  }

  /** With a workspace of its own, which has the tunnel "Echo". */
  async use(
    run: (workspace: TestWorkspace, port: number) => Promise<void>
  ): Promise<void> {
    const workspace = new TestWorkspace();
    try {
      await workspace.trust(this.sshd);
      const added = await workspace.addTunnel('Echo', this.sshd, this.echoPort);
      await run(workspace, added.forward?.localPort ?? 0);
    } finally {
      workspace.remove();
    }
  }
}

/** @returns the port */
export async function listenAnywhere(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** Write, and wait for what is answered. */
export async function say(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString();
}
