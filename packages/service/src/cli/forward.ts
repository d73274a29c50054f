import { spawn } from 'node:child_process';
import { constants } from 'node:os';

import { Command } from 'commander';

import { fail, systemCode } from '../serviceError.js';
import type { ServiceClient } from '../rpc/client.js';
import { withService } from './session.js';

export function forwardCommand(): Command {
  return new Command('forward')
    .argument('<name>', 'the integration')
    .description('Open a forward and keep it until interrupted')
    .action(
      withService(async ({ client, output }, name: string) => {
        const { forwards } = await client.request('underpass/hold', {
          integrations: [name]
        });
        output.result(forwards, () =>
          forwards.flatMap(({ variables }) =>
            Object.entries(variables).map(([key, value]) => `${key}=${value}`)
          )
        );
        await interruptedOrClosed(client);
      })
    );
}

/** @param command what stood behind `--` */
export function runCommand(command: readonly string[]): Command {
  return new Command('run')
    .argument('<names...>', 'the integrations')
    .usage('<names...> -- COMMAND [ARGS...]')
    .description('Run a command with the variables of open forwards')
    .addHelpText(
      'after',
      '\nExample:\n  underpass run "My API" -- sh -c \'curl "http://$MY_API_LOCAL_HOST:$MY_API_LOCAL_PORT/"\''
    )
    .action(
      withService(async ({ client }, names: string[]) => {
        const [program, ...args] = command;
        if (program === undefined) {
          throw fail(
            'invalid-request',
            'request',
            'There is no command to run.',
            'Write: underpass run NAME -- COMMAND'
          );
        }
        const { forwards } = await client.request('underpass/hold', {
          integrations: names
        });
        process.exitCode = await runWith(
          program,
          args,
          Object.assign({}, ...forwards.map(({ variables }) => variables))
        );
      })
    );
}

/** @returns the command's exit code; 128 + number for a signal, as shells have it */
function runWith(
  program: string,
  args: readonly string[],
  variables: Record<string, string>
): Promise<number> {
  const child = spawn(program, args, {
    stdio: 'inherit',
    env: { ...process.env, ...variables }
  });
  // The terminal sends it to the child as well, which decides.
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  // These come to us alone, and are meant for the command.
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => child.kill(signal));
  }
  return new Promise((resolve, reject) => {
    child.once('error', error =>
      reject(
        fail(
          'invalid-request',
          'request',
          `"${program}" can not be run (${systemCode(error) ?? error.message}).`,
          'Check the command behind --.'
        )
      )
    );
    child.once('exit', (code, signal) => {
      process.off('SIGINT', ignore);
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

function interruptedOrClosed(client: ServiceClient): Promise<void> {
  return new Promise((resolve, reject) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
    client.onClose(() =>
      reject(
        fail(
          'service-unavailable',
          'request',
          'The tunnel service ended.',
          'Run it again: the service is started anew, with the same ports.'
        )
      )
    );
  });
}
