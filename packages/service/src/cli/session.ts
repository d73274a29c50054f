import { resolve } from 'node:path';

import type { Command } from 'commander';

import { ServiceClient } from '../rpc/client.js';
import { connectToService } from '../rpc/launch.js';
import { fullName } from './fullName.js';
import { Output } from './output.js';
import { connectToRunning } from './runningService.js';

/** What every command has at hand. */
export interface Shell {
  output: Output;
  /** Absolute path of the project's folder. */
  folder: string;
  /** A person sits at a terminal and can be asked. */
  interactive: boolean;
}

export interface Terminal extends Shell {
  client: ServiceClient;
  /** Talk to the service again after it ended, starting it; ends with the command as the first client does. */
  reconnect: () => Promise<Terminal>;
  /** Aborted when the command is over, and its connections are ended. */
  over: AbortSignal;
}

type Action<First, Args extends unknown[]> = (
  first: First,
  ...args: Args
) => Promise<void> | void;

type Wrapped<Args extends unknown[]> = (
  this: Command,
  ...args: Args
) => Promise<void>;

/** Wrap an action that needs no service: run, say what went wrong, set the exit code. */
export function withShell<Args extends unknown[]>(
  action: (this: Command, shell: Shell, ...args: Args) => Promise<void> | void
): Wrapped<Args> {
  return async function (this: Command, ...args: Args) {
    const { json, project } = this.optsWithGlobals<{
      json?: boolean;
      project?: string;
    }>();
    const output = new Output(json === true);
    const folder = resolve(
      project ?? (process.env.UNDERPASS_PROJECT || process.cwd())
    );
    const interactive =
      !output.json && process.stdin.isTTY && process.stderr.isTTY;
    try {
      await action.call(this, { output, folder, interactive }, ...args);
    } catch (error) {
      output.failure(error);
      process.exitCode = 1;
    }
  };
}

/**
 * Wrap an action that talks to the service, which is started if there is none.
 * @param options.approves it answers questions about host keys where a person sits at the terminal
 */
export function withService<Args extends unknown[]>(
  action: Action<Terminal, Args>,
  { approves = false }: { approves?: boolean } = {}
): Wrapped<Args> {
  return withShell(async function (shell, ...args: Args) {
    const clients: ServiceClient[] = [];
    const over = new AbortController();
    const open = async (): Promise<Terminal> => {
      const client = await ServiceClient.open(
        await connectToService(),
        fullName(this),
        approves && shell.interactive
      );
      clients.push(client);
      client.onProgress(({ message }) => shell.output.remark(message));
      return { ...shell, client, reconnect: open, over: over.signal };
    };
    try {
      await action(await open(), ...args);
    } finally {
      over.abort();
      clients.forEach(client => client.close());
    }
  });
}

/** Wrap an action that only looks: with `undefined` as the client where no service runs. */
export function withRunningService<Args extends unknown[]>(
  action: Action<Shell & { client: ServiceClient | undefined }, Args>
): Wrapped<Args> {
  return withShell(async function (shell, ...args: Args) {
    const socket = await connectToRunning();
    if (!socket) {
      await action({ ...shell, client: undefined }, ...args);
      return;
    }
    const client = await ServiceClient.open(socket, fullName(this));
    try {
      await action({ ...shell, client }, ...args);
    } finally {
      client.close();
    }
  });
}
