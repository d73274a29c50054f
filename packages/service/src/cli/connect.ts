import type { Integration } from '@underpass/protocol';
import { Command } from 'commander';

import { withExamples } from './examples.js';
import { withService } from './session.js';

const descriptions = {
  connect: 'Connect integrations to the project',
  disconnect: 'Disconnect integrations from the project'
};

export function connectCommand(name: 'connect' | 'disconnect'): Command {
  return withExamples(
    new Command(name)
      .argument('<names...>', 'the integrations')
      .description(descriptions[name])
      .action(
        withService(async ({ client, output, folder }, names: string[]) => {
          const integrations: Integration[] = [];
          for (const integration of names) {
            integrations.push(
              await client.request(`underpass/integrations/${name}`, {
                folder,
                integration
              })
            );
          }
          output.result(
            integrations.length === 1 ? integrations[0] : integrations,
            () =>
              integrations.map(
                integration =>
                  `"${integration.name}" is ${integration.connected ? 'connected' : 'not connected'}.`
              )
          );
        })
      ),
    `underpass ${name} "My DB"`,
    `underpass ${name} "My DB" "My API" --project ~/reports`
  );
}
