import { spawn } from 'node:child_process';
import { constants } from 'node:os';

import { Command } from 'commander';

import { fail, systemCode } from '../serviceError.js';
import { withExamples } from './examples.js';
import { hold } from './hold.js';
import { withService } from './session.js';

/** @param command what stood behind `--` */
export function runCommand(command: readonly string[]): Command {
  return withExamples(
    new Command('run')
      .argument('<names...>', 'the integrations')
      .usage('<names...> -- COMMAND [ARGS...]')
      .description('Run a command with the variables of open forwards')
      .hook('preAction', self => {
        if (command.length === 0) {
          self.error(
            'error: There is no command to run.\nWrite: underpass run NAME -- COMMAND'
          );
        }
      })
      .action(
        withService(
          async (terminal, names: string[]) => {
            const [program = '', ...args] = command;
            const { output } = terminal;
            const { forwards, holding } = await hold(terminal, names);
            // The command goes on without; what it can not reach any more is its to say.
            holding.ended.catch(error => output.failure(error));
            holding.on('moved', () =>
              output.remark(`${program} has the former port. Start it again.`)
            );
            process.exitCode = await runWith(
              program,
              args,
              Object.assign({}, ...forwards.map(({ variables }) => variables))
            );
          },
          { approves: true }
        )
      ),
    'underpass run "My DB" -- sh -c \'psql "host=$MY_DB_LOCAL_HOST port=$MY_DB_LOCAL_PORT"\'',
    'underpass run "My DB" "My API" -- python report.py'
  );
}

/** @returns the command's exit code; 128 + number for a signal, as shells have it */
function runWith(
  program: string,
  args: readonly string[],
  variables: Record<string, string>
): Promise<number> {
  const passed = (signal: NodeJS.Signals) => child.kill(signal);
  const ignored = () => undefined;
  // The terminal sends these to the child as well, which decides.
  const fromTerminal = ['SIGINT', 'SIGQUIT'] as const;
  // These come to us alone, and are meant for the command.
  const forUs = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;
  fromTerminal.forEach(signal => process.on(signal, ignored));
  forUs.forEach(signal => process.on(signal, passed));
  // The signals first: the command may be told to end as soon as it runs.
  const child = spawn(program, args, {
    stdio: 'inherit',
    env: { ...process.env, ...variables }
  });
  return new Promise<number>((resolve, reject) => {
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
    child.once('exit', (code, signal) =>
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0))
    );
  }).finally(() => {
    fromTerminal.forEach(signal => process.off(signal, ignored));
    forUs.forEach(signal => process.off(signal, passed));
  });
}
