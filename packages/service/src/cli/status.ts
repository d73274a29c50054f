import { Command } from 'commander';

import { table } from './output.js';
import { withService } from './session.js';

export function statusCommand(): Command {
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
