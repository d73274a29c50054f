import { Command } from 'commander';

import { withService } from './session.js';

export function connectCommand(
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
