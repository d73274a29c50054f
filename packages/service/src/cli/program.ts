import { Command, CommanderError } from 'commander';

import { serve } from '../rpc/serve.js';
import { shim } from '../rpc/shim.js';
import { version } from '../version.js';
import { forwardCommand, runCommand } from './forward.js';
import { hostkeyCommand } from './hostkey.js';
import { integrationCommand } from './integration.js';
import { table } from './output.js';
import { withService } from './session.js';

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

function keyCommand(): Command {
  const command = new Command('key').description(
    'The SSH key of the workspace'
  );
  command
    .command('show')
    .description(
      'Print the public key and a least-privilege line for a bastion'
    )
    .action(
      withService(async ({ client, output }) => {
        const key = await client.request('underpass/key/show', {});
        output.result(key, () => [
          key.publicKey,
          '',
          `Fingerprint: ${key.fingerprint}`,
          ...(key.authorizedKeys
            ? [
                'For authorized_keys, allowing the forwards of this workspace and nothing else:',
                key.authorizedKeys
              ]
            : [])
        ]);
      })
    );
  return command;
}

function connectCommand(
  name: 'connect' | 'disconnect',
  description: string
): Command {
  return new Command(name)
    .argument('<name>', 'the integration')
    .description(description)
    .action(
      withService(async ({ client, output, folder }, reference: string) => {
        const integration = await client.request(
          `underpass/integrations/${name}`,
          { folder, integration: reference }
        );
        output.result(integration, () => [
          `"${integration.name}" is ${integration.connected ? 'connected' : 'not connected'}.`
        ]);
      })
    );
}

function statusCommand(): Command {
  return new Command('status')
    .description('Show the sessions and forwards that are open')
    .action(
      withService(async ({ client, output }) => {
        const status = await client.request('underpass/status', {});
        output.result(status, () => [
          `workspace ${status.workspace}, process ${status.pid}, since ${status.since}`,
          ...table([
            ['INTEGRATION', 'LOCAL', 'BASTION', 'REMOTE', 'STATE', 'USED BY'],
            ...status.forwards.map(forward => [
              forward.integration,
              `${forward.localHost}:${forward.localPort}`,
              forward.bastion,
              `${forward.remoteHost}:${forward.remotePort}`,
              forward.state.kind,
              forward.consumers.join(', ') || '-'
            ])
          ])
        ]);
      })
    );
}

function serveCommand(): Command {
  return new Command('serve')
    .description('Be the tunnel service (started on demand)')
    .option('--stdio', 'connect stdio to the service instead')
    .action(async ({ stdio }: { stdio?: boolean }) => {
      await (stdio ? shim() : serve());
    });
}
