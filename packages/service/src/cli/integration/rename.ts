import { Command } from 'commander';

import { withExamples } from '../examples.js';
import { withService } from '../session.js';

export function renameCommand(): Command {
  return withExamples(
    new Command('rename')
      .argument('<name>', 'the integration')
      .argument('<new>', 'its new name')
      .description('Rename an integration; the former name still finds it')
      .action(
        withService(
          async ({ client, output, folder }, name: string, to: string) => {
            const renamed = await client.request(
              'underpass/integrations/update',
              { folder, integration: name, name: to }
            );
            output.result(renamed, () => [
              `Renamed "${name}" to "${renamed.name}".`
            ]);
          }
        )
      ),
    'underpass integration rename "My DB" "Shop"'
  );
}
