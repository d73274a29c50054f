import { resolve } from 'node:path';

import type { Command } from 'commander';

import { ServiceClient } from '../rpc/client.js';
import { connectToService } from '../rpc/launch.js';
import { Output } from './output.js';

/** What every command has at hand. */
export interface Terminal {
  client: ServiceClient;
  output: Output;
  /** Absolute path of the project's folder. */
  folder: string;
}

/** Wrap an action: connect, run, say what went wrong, set the exit code. */
export function withService<Args extends unknown[]>(
  action: (terminal: Terminal, ...args: Args) => Promise<void>
): (this: Command, ...args: Args) => Promise<void> {
  return async function (this: Command, ...args: Args) {
    const { json, project } = this.optsWithGlobals<{
      json?: boolean;
      project?: string;
    }>();
    const output = new Output(json === true);
    try {
      const client = await ServiceClient.open(
        await connectToService(),
        `underpass ${this.name()}`
      );
      client.onProgress(({ message }) =>
        process.stderr.write(`underpass: ${message}\n`)
      );
      try {
        await action(
          {
            client,
            output,
            folder: resolve(
              project ?? process.env.UNDERPASS_PROJECT ?? process.cwd()
            )
          },
          ...args
        );
      } finally {
        client.close();
      }
    } catch (error) {
      output.failure(error);
      process.exitCode = 1;
    }
  };
}
