import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** How to reach the servers of `tests/servers`. */
export interface Servers {
  bastion: {
    host: string;
    port: number;
    user: string;
    authorizedKeysFile: string;
    hostKeyFingerprint: string;
  };
  postgresql: {
    host: string;
    port: number;
    user: string;
    password: string;
    database: string;
  };
  httpapi: { host: string; port: number; token: string };
}

/**
 * A bastion with a database and an HTTP API behind it: those that `UNDERPASS_TEST_SERVERS` (path of a JSON file)
 * describes, else started here.
 */
export class PrivateNetwork {
  static async start(): Promise<PrivateNetwork> {
    const described = process.env.UNDERPASS_TEST_SERVERS;
    if (described) {
      return new PrivateNetwork(
        JSON.parse(readFileSync(described, 'utf8')) as Servers,
        null
      );
    }
    const root = resolve(__dirname, '..');
    // Runs at the same time, on other ports, have networks of their own.
    const run = process.env.UNDERPASS_UI_PORT ?? 'one';
    const state = resolve(root, '.build', 'ui-tests', `network-${run}`);
    const serving = spawn(
      'python',
      ['-m', 'tests.servers', 'serve', '--state', state],
      { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] }
    );
    const [line] = (await Promise.race([
      once(createInterface(serving.stdout), 'line'),
      once(serving, 'exit').then(([code]) => {
        throw new Error(`The test servers ended at once, with ${code}.`);
      })
    ])) as [string];
    return new PrivateNetwork(JSON.parse(line) as Servers, {
      process: serving,
      state
    });
  }

  private constructor(
    readonly servers: Servers,
    private readonly _started: { process: ChildProcess; state: string } | null
  ) {}

  /** Let a public key in, as the owner of the bastion would. */
  authorize(publicKey: string): void {
    appendFileSync(
      this.servers.bastion.authorizedKeysFile,
      `${publicKey.trim()}\n`
    );
  }

  async stop(): Promise<void> {
    if (this._started) {
      const { process, state } = this._started;
      process.kill('SIGTERM');
      await once(process, 'exit');
      rmSync(state, { recursive: true });
    }
  }
}
