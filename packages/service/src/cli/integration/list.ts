import type { Integration } from '@underpass/protocol';
import { Command } from 'commander';

import { withExamples } from '../examples.js';
import { stateOf } from '../forwardState.js';
import { paint, type Piece } from '../screen.js';
import { withService } from '../session.js';
import { wordsOf } from './marks.js';

export function listCommand(): Command {
  return withExamples(
    new Command('list')
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
            integrations.length === 0
              ? ['There are none yet: underpass integration add --help']
              : output.table(
                  integrations.map((integration): Piece[] => [
                    integration.connected ? paint('good', '*') : ' ',
                    integration.name,
                    integration.type,
                    integration.connected
                      ? integration.forward
                        ? stateOf(integration.forward.state)
                        : 'direct'
                      : '-',
                    ...marked(integration)
                  ])
                )
          );
        })
      ),
    'underpass integration list',
    'underpass integration list --project ~/reports --json'
  );
}

function marked({ marks }: Integration): Piece[] {
  const words = wordsOf(marks);
  return words.length > 0 ? [words.join(', ')] : [];
}
