import { Command } from 'commander';

import { withExamples } from '../examples.js';
import { withService } from '../session.js';

export function duplicateCommand(): Command {
  return withExamples(
    new Command('duplicate')
      .argument('<name>', 'the integration')
      .argument('[copy]', 'name of the copy (default: the name and "copy")')
      .description('Copy an integration with its secrets')
      .action(
        withService(
          async ({ client, output, folder }, name: string, copy?: string) => {
            const added = await client.request(
              'underpass/integrations/duplicate',
              {
                folder,
                integration: name,
                ...(copy === undefined ? {} : { name: copy })
              }
            );
            output.result(added, () => [`Added "${added.name}".`]);
          }
        )
      ),
    'underpass integration duplicate "My DB"',
    'underpass integration duplicate "My DB" "My test DB"'
  );
}
