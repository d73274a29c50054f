import type { KeyBastion } from '@underpass/protocol';
import { Command, Option } from 'commander';

import { hostPort } from '../../address.js';
import { fail } from '../../serviceError.js';
import { withExamples } from '../examples.js';
import { withService } from '../session.js';
import { describe, nameOf } from './describe.js';

interface ShowOptions {
  bastion?: string;
  format?: 'line' | 'cloud-init' | 'terraform';
}

export function showKey(): Command {
  const command = new Command('show')
    .description(
      'Show the public key, and for each bastion the line with the least privileges'
    )
    .option('--bastion <host>', 'only this one; also as user@host or host:port')
    .addOption(
      new Option(
        '--format <format>',
        'print nothing but the lines for authorized_keys, or what sets up a machine with them'
      ).choices(['line', 'cloud-init', 'terraform'])
    )
    .action(
      withService(async ({ client, output }, options: ShowOptions) => {
        const key = await client.request('underpass/key/show', {});
        const bastions = chosen(key.bastions, options.bastion);
        const { format } = options;
        if (format !== undefined && bastions.length === 0) {
          throw fail(
            'invalid-request',
            'request',
            'No integration uses SSH yet: there is nothing to allow.',
            'Add one first: underpass integration add --help'
          );
        }
        if (format === 'cloud-init' && bastions.length > 1) {
          throw fail(
            'invalid-request',
            'request',
            'A cloud-init document is for one machine, and there are several bastions.',
            `Add --bastion with one of ${bastions.map(nameOf).join(', ')}.`
          );
        }
        output.result({ ...key, bastions }, () =>
          format === undefined
            ? describe({ ...key, bastions })
            : bastions.flatMap(bastion =>
                textOf(bastion, format).trimEnd().split('\n')
              )
        );
      })
    );
  return withExamples(
    command,
    'underpass key show',
    'underpass key show --bastion bastion.example.org --format line',
    'underpass key show --bastion bastion.example.org --format cloud-init > user-data.yaml',
    'underpass key show --format terraform > underpass.tf'
  );
}

function chosen(
  bastions: readonly KeyBastion[],
  wanted: string | undefined
): KeyBastion[] {
  if (wanted === undefined) {
    return [...bastions];
  }
  const found = bastions.filter(bastion =>
    [bastion.host, hostPort(bastion), nameOf(bastion)]
      .flatMap(name => [name, `${bastion.user}@${name}`])
      .includes(wanted)
  );
  if (found.length === 0) {
    throw fail(
      'invalid-request',
      'request',
      `No integration uses a bastion "${wanted}".`,
      bastions.length > 0
        ? `Name one of ${bastions.map(nameOf).join(', ')}.`
        : 'Add an integration that uses SSH first.'
    );
  }
  return found;
}

function textOf(
  bastion: KeyBastion,
  format: NonNullable<ShowOptions['format']>
): string {
  switch (format) {
    case 'line':
      return bastion.authorizedKeys;
    case 'cloud-init':
      return bastion.cloudInit;
    case 'terraform':
      return bastion.terraform;
  }
}
