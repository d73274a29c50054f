import type { Integration } from '@underpass/protocol';
import { Command } from 'commander';

import { addCommand } from './addIntegration.js';
import { table } from './output.js';
import { withService } from './session.js';
import { testCommand } from './test.js';

export function integrationCommand(): Command {
  const command = new Command('integration').description(
    'The named connections of the workspace'
  );
  command
    .command('types')
    .description('List the types of integration with their fields')
    .action(
      withService(async ({ client, output }) => {
        const { types } = await client.request('underpass/types/list', {});
        output.result(types, () =>
          table(types.map(type => [type.id, type.label, type.order.join(' ')]))
        );
      })
    );
  command
    .command('list')
    .description(
      'List the integrations; * marks those connected to the project'
    )
    .action(
      withService(async ({ client, output, folder }) => {
        const { integrations } = await client.request(
          'underpass/integrations/list',
          { folder }
        );
        output.result(integrations, () =>
          table(
            integrations.map(integration => [
              integration.connected ? '*' : ' ',
              integration.name,
              integration.type,
              integration.connected
                ? (integration.forward?.state.kind ?? 'direct')
                : '-'
            ])
          )
        );
      })
    );
  command.addCommand(addCommand());
  command
    .command('show <name>')
    .description('Show an integration; secrets are only said to be set')
    .action(
      withService(async ({ client, output, folder }, name: string) => {
        const integration = await client.request('underpass/integrations/get', {
          folder,
          integration: name
        });
        output.result(integration, () => describe(integration));
      })
    );
  command
    .command('remove <name>')
    .description('Remove an integration and its secrets')
    .action(
      withService(async ({ client, output }, name: string) => {
        await client.request('underpass/integrations/remove', {
          integration: name
        });
        output.result({}, () => [`Removed "${name}".`]);
      })
    );
  command.addCommand(testCommand());
  return command;
}

function describe(integration: Integration): string[] {
  const { forward } = integration;
  return table([
    ['name', integration.name],
    ['type', integration.type],
    ['connected', integration.connected ? 'yes' : 'no'],
    ...Object.entries(integration.fields).map(([field, value]) => [
      field,
      typeof value === 'string' ? value : JSON.stringify(value)
    ]),
    ...integration.secretsSet.map(field => [field, '(set)']),
    ...(forward
      ? [
          [
            'forward',
            `${forward.localHost}:${forward.localPort} → ${forward.bastion} → ${forward.remoteHost}:${forward.remotePort} (${forward.state.kind})`
          ]
        ]
      : [])
  ]);
}
