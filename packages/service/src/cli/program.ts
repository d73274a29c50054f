import { Command, CommanderError, Option } from 'commander';

import { fail } from '../serviceError.js';
import { version } from '../version.js';
import { answerCommand, completionCommand } from './completion.js';
import { connectCommand } from './connect.js';
import { doctorCommand } from './doctor.js';
import { egressCommand } from './egress.js';
import { withExamples } from './examples.js';
import { forwardCommand } from './forward.js';
import { hostkeyCommand } from './hostkey.js';
import { integrationCommand } from './integration.js';
import { keyCommand } from './key.js';
import { languageServerCommand } from './languageServer.js';
import { logsCommand } from './logs.js';
import { endWithReader, Output } from './output.js';
import { manyLines } from './plainText.js';
import { policyCommand } from './policy.js';
import { projectCommand } from './project.js';
import { runCommand } from './run.js';
import { serveCommand } from './serve.js';
import { statusCommand } from './status.js';
import { stopCommand } from './stop.js';
import { testCommand } from './test.js';
import { vaultCommand } from './vault.js';

const usageError = 2;

const everywhere = 'Global options:';

/**
 * Run the command line.
 * @param argv what the user typed, without the program's name
 */
export async function main(argv: readonly string[]): Promise<void> {
  const separator = argv.indexOf('--');
  const own = separator < 0 ? argv : argv.slice(0, separator);
  const command = separator < 0 ? [] : argv.slice(separator + 1);
  const json = own.includes('--json');
  try {
    await program(command, json).parseAsync([...own], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      throw error;
    }
    // Help and version end with 0.
    process.exitCode = error.exitCode === 0 ? 0 : usageError;
    if (json && error.exitCode !== 0) {
      new Output(json).failure(usageFailure(error));
    }
  }
}

/**
 * The whole command line.
 * @param command what stood behind `--`
 * @param json errors of usage are printed elsewhere
 */
export function program(
  command: readonly string[] = [],
  json = false
): Command {
  const top = new Command('underpass')
    .description('Secure database connections for notebooks')
    .version(version)
    .addHelpCommand(
      new Command('help')
        .argument('[command]', 'the command')
        .description('Show the help of a command')
        .helpGroup('Look after:')
    );
  const add = (child: Command) => {
    top.addCommand(child);
  };
  top.commandsGroup('Set up:');
  add(integrationCommand());
  add(connectCommand('connect'));
  add(connectCommand('disconnect'));
  add(projectCommand());
  add(keyCommand());
  add(vaultCommand());
  add(hostkeyCommand());
  add(egressCommand());
  top.commandsGroup('Use:');
  add(forwardCommand());
  add(runCommand(command));
  add(testCommand());
  top.commandsGroup('Look after:');
  add(statusCommand());
  add(logsCommand());
  add(doctorCommand());
  add(policyCommand());
  add(stopCommand());
  add(completionCommand());
  top.addCommand(serveCommand(), { hidden: true });
  top.addCommand(languageServerCommand(), { hidden: true });
  top.addCommand(
    answerCommand(command, () => top),
    { hidden: true }
  );
  withExamples(
    top,
    'underpass key show',
    'underpass integration add --help',
    'underpass run "My DB" -- python report.py',
    'underpass doctor'
  ).addHelpText(
    'after',
    '\nExit codes: 0 done; 1 failed; 2 wrong usage; run: that of its command.'
  );
  settle(top, json);
  return top;
}

/** Global options anywhere, and errors thrown instead of exits. */
function settle(command: Command, json: boolean): void {
  command
    .exitOverride()
    .configureHelp({ subcommandTerm: term })
    .addHelpOption(new Option('-h, --help', 'show help').helpGroup(everywhere))
    .showHelpAfterError('(add --help for help)')
    .optionsGroup(everywhere)
    .addOption(new Option('--json', 'print results and errors as JSON'))
    .addOption(
      new Option(
        '--project <dir>',
        'folder of the project (default: $UNDERPASS_PROJECT, or here)'
      )
    );
  command.configureOutput({
    // What was typed is quoted in it.
    writeErr: text =>
      json ? undefined : process.stderr.write(manyLines(text)),
    writeOut: text => {
      process.stdout.once('error', endWithReader);
      process.stdout.write(text);
    }
  });
  for (const child of command.commands) {
    child.helpCommand(false);
    settle(child, json);
  }
}

/** A command in the list of its parent. That each has options goes without saying. */
function term(command: Command): string {
  const args = command.registeredArguments.map(argument => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...args].join(' ');
}

/** A wrong command line, as other failures are said. */
function usageFailure({ message, code }: CommanderError): Error {
  const [first = '', suggestion] = message.split('\n');
  return fail(
    'invalid-request',
    'request',
    code === 'commander.help'
      ? 'A command is missing.'
      : first.replace(/^error: /, ''),
    suggestion ?? 'Add --help for help.'
  );
}
