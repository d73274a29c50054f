import type { VaultStatus } from '@underpass/protocol';
import { Argument, Command } from 'commander';

import { withExamples } from './examples.js';
import { withService } from './session.js';

export function vaultCommand(): Command {
  const command = new Command('vault').description(
    'Where the secrets of the workspace are kept'
  );
  command.addCommand(status());
  command.addCommand(keep());
  return command;
}

function status(): Command {
  const command = new Command('status')
    .description('Show who has the master key, and who else could')
    .action(
      withService(async ({ client, output }) => {
        const found = await client.request('underpass/vault/status', {});
        output.result(found, () => describe(found));
      })
    );
  return withExamples(command, 'underpass vault status');
}

function keep(): Command {
  const command = new Command('keep')
    .addArgument(
      new Argument('<where>', 'the keeper of the master key').choices([
        'file',
        'keyring'
      ])
    )
    .description(
      'Have the master key kept there: a fresh one, with which all secrets are encrypted anew'
    )
    .option(
      '--lost',
      'go on without the present one: what it encrypted has to be entered again'
    )
    .action(
      withService(
        async (
          { client, output },
          keeper: VaultStatus['keeper'],
          { lost = false }: { lost?: boolean }
        ) => {
          const found = await client.request('underpass/vault/keep', {
            keeper,
            lost
          });
          output.result(found, () => describe(found));
        }
      )
    );
  return withExamples(
    command,
    'underpass vault keep keyring',
    'underpass vault keep file'
  );
}

function describe(found: VaultStatus): string[] {
  const { keeper, where, keepers, secrets, unreadable, remarks } = found;
  const other = keepers.find(candidate => candidate.keeper !== keeper);
  return [
    keeper === 'file'
      ? `The master key is in a file that only you can read: ${where}`
      : `The master key is in ${where}.`,
    `It encrypts ${secrets} ${secrets === 1 ? 'secret' : 'secrets'}.`,
    ...(unreadable > 0
      ? [
          `${unreadable} of them can not be decrypted: another master key encrypted them. Enter them again.`
        ]
      : []),
    ...(other
      ? [
          other.available
            ? `It could be kept in the ${other.keeper}: underpass vault keep ${other.keeper}`
            : `It can not be kept in the ${other.keeper}: ${other.reason ?? 'no reason given'}`
        ]
      : []),
    ...remarks
  ];
}
