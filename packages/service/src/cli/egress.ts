import type { EgressGuide, Results } from '@underpass/protocol';
import { Command } from 'commander';

import { fail } from '../serviceError.js';
import { withExamples } from './examples.js';
import { type Line, paint } from './screen.js';
import { withService } from './session.js';

type Shown = Results['underpass/egress/show'];

interface ShowOptions {
  integration?: string;
  guide?: string;
}

export function egressCommand(): Command {
  const command = new Command('egress').description(
    'The addresses that databases and bastions see of this server'
  );
  command.addCommand(showCommand());
  command.addCommand(setCommand());
  command.addCommand(clearCommand());
  command.addCommand(diffCommand());
  return withExamples(
    command,
    'underpass egress show',
    'underpass egress set 198.51.100.7 198.51.100.64/28',
    'underpass egress show --guide aws-security-group --integration "My DB"'
  );
}

function showCommand(): Command {
  const command = new Command('show')
    .description('Show the addresses, or how to authorize them at a vendor')
    .option('--guide <id>', 'the guide for one vendor, with its command')
    .option('--integration <name>', 'fit the guides to this integration')
    .action(
      withService(
        async ({ client, output }, { integration, guide: id }: ShowOptions) => {
          const shown = await client.request('underpass/egress/show', {
            ...(integration === undefined ? {} : { integration })
          });
          if (id === undefined) {
            output.result(shown, () => lines(shown));
          } else {
            const guide = guideOf(shown, id);
            output.result(guide, () => guideLines(guide, guide.command));
          }
        }
      )
    );
  return withExamples(
    command,
    'underpass egress show',
    'underpass egress show --guide google-cloud-sql'
  );
}

function setCommand(): Command {
  const command = new Command('set')
    .argument('<addresses...>', 'IPv4 or IPv6 addresses, or CIDR blocks')
    .description('Keep the list of addresses in the workspace')
    .action(
      withService(async ({ client, output }, addresses: string[]) => {
        const kept = await client.request('underpass/egress/set', {
          addresses
        });
        kept.remarks.forEach(remark => output.remark(remark));
        output.result(kept, () => kept.addresses);
      })
    );
  return withExamples(command, 'underpass egress set 198.51.100.7 2001:db8::7');
}

function clearCommand(): Command {
  const command = new Command('clear')
    .description('Forget the list of the workspace')
    .action(
      withService(async ({ client, output }) => {
        const kept = await client.request('underpass/egress/set', {
          addresses: []
        });
        output.result(kept, () => ['The workspace keeps no list any more.']);
      })
    );
  return withExamples(command, 'underpass egress clear');
}

function diffCommand(): Command {
  const command = new Command('diff')
    .argument('<former...>', 'the addresses that were authorized before')
    .description('Show what to add and what to remove since a former list')
    .option('--guide <id>', 'the command of one vendor that makes the change')
    .option('--integration <name>', 'fit the guide to this integration')
    .action(
      withService(
        async (
          { client, output },
          previous: string[],
          { integration, guide: id }: ShowOptions
        ) => {
          const shown = await client.request('underpass/egress/show', {
            previous,
            ...(integration === undefined ? {} : { integration })
          });
          requireEnabled(shown);
          const { add, remove } = shown.changes ?? { add: [], remove: [] };
          if (id === undefined) {
            output.result({ add, remove }, () => [
              ...add.map(address => paint('good', `+ ${address}`)),
              ...remove.map(address => paint('bad', `- ${address}`)),
              ...(add.length + remove.length === 0
                ? ['Nothing has changed.']
                : [])
            ]);
          } else {
            const guide = guideOf(shown, id);
            output.result(guide, () =>
              guide.change
                ? guideLines(guide, guide.change)
                : ['Nothing has changed there.']
            );
          }
        }
      )
    );
  return withExamples(
    command,
    'underpass egress diff 198.51.100.7 198.51.100.9',
    'underpass egress diff 198.51.100.7 --guide aws-security-group'
  );
}

function requireEnabled({ enabled, from }: Shown): void {
  if (!enabled) {
    throw fail(
      'switched-off',
      'request',
      `Egress addresses are switched off by the administrator (${from.join(', ')}).`,
      'Ask the administrator which addresses to authorize.'
    );
  }
}

function guideOf(shown: Shown, id: string): EgressGuide {
  requireEnabled(shown);
  const guide = shown.guides.find(candidate => candidate.id === id);
  if (!guide) {
    const ids = shown.guides.map(candidate => candidate.id);
    throw fail(
      'invalid-request',
      'request',
      `There is no guide "${id}" here.`,
      ids.length > 0
        ? `Use one of: ${ids.join(', ')}.`
        : 'This integration needs none.'
    );
  }
  return guide;
}

function lines(shown: Shown): Line[] {
  if (!shown.enabled) {
    return [`${shown.note} (${shown.from.join(', ')})`];
  }
  const { addresses, remarks, from, note, source, findOut, guides } = shown;
  return [
    note,
    ...(from.length > 0 ? [`From: ${from.join(', ')}`] : []),
    ...(addresses.length > 0 ? ['', ...addresses] : []),
    ...(remarks.length > 0
      ? ['', ...remarks.map(remark => paint('warning', remark))]
      : []),
    ...(source === 'none'
      ? [
          '',
          'What the internet sees, run on this machine:',
          `  ${findOut}`,
          'Then keep it: underpass egress set ADDRESS'
        ]
      : []),
    ...(guides.length > 0
      ? [
          '',
          'How to authorize them: underpass egress show --guide ID',
          ...guides.map(({ id, title }) => `  ${id}  (${title})`)
        ]
      : [])
  ];
}

function guideLines(guide: EgressGuide, command: string): Line[] {
  return [
    paint('heading', guide.title),
    ...guide.steps.map((step, index) => `${index + 1}. ${step}`),
    ...guide.warnings.map(warning => paint('warning', `! ${warning}`)),
    ...(command ? ['', command] : []),
    '',
    guide.link
  ];
}
