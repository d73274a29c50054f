import { Command, CommanderError } from 'commander';

import { version } from '../version.js';
import { connectCommand } from './connect.js';
import { forwardCommand, runCommand } from './forward.js';
import { hostkeyCommand } from './hostkey.js';
import { integrationCommand } from './integration.js';
import { keyCommand } from './key.js';
import { serveCommand } from './serve.js';
import { statusCommand } from './status.js';

const usageError = 2;

/**
 * Run the command line.
 * @param argv what the user typed, without the program's name
 */
export async function main(argv: readonly string[]): Promise<void> {
  const separator = argv.indexOf('--');
  const own = separator < 0 ? argv : argv.slice(0, separator);
  const command = separator < 0 ? [] : argv.slice(separator + 1);
  try {
    await program(command).parseAsync([...own], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      throw error;
    }
    // Help and version end with 0.
    process.exitCode = error.exitCode === 0 ? 0 : usageError;
  }
}

function program(command: readonly string[]): Command {
  const top = new Command('underpass')
    .description('Secure database connections for notebooks')
    .version(version)
    .option('--json', 'print results and errors as JSON')
    .option('--project <dir>', 'folder of the project (default: here)');
  const add = (child: Command) => {
    top.addCommand(child);
  };
  add(keyCommand());
  add(integrationCommand());
  add(connectCommand('connect', 'Connect an integration to the project'));
  add(
    connectCommand('disconnect', 'Disconnect an integration from the project')
  );
  add(hostkeyCommand());
  add(forwardCommand());
  add(runCommand(command));
  add(statusCommand());
  add(serveCommand());
  allow(top);
  return top;
}

/** Global options anywhere, and errors thrown instead of exits. */
function allow(command: Command): void {
  command.exitOverride().showHelpAfterError('(add --help for help)');
  for (const child of command.commands) {
    child
      .option('--json', 'print results and errors as JSON')
      .option('--project <dir>', 'folder of the project (default: here)');
    allow(child);
  }
}
