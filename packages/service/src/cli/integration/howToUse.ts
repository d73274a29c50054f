import type { HowToUse } from '@underpass/protocol';
import { Command, Option } from 'commander';

import { withExamples } from '../examples.js';
import { type Line, paint } from '../screen.js';
import { withService } from '../session.js';

const languages: readonly HowToUse['language'][] = [
  'sql',
  'python',
  'r',
  'shell'
];

export function howToUseCommand(): Command {
  return withExamples(
    new Command('how-to-use')
      .argument('<name>', 'the integration')
      .description('Print code that uses an integration, ready to copy')
      .addOption(
        new Option('--language <language>', 'only this one').choices(languages)
      )
      .action(
        withService(
          async (
            { client, output },
            name: string,
            { language }: { language?: string }
          ) => {
            const { sections, variables } = await client.request(
              'underpass/integrations/howToUse',
              { integration: name }
            );
            const wanted = sections.filter(
              section => language === undefined || section.language === language
            );
            output.result({ sections: wanted, variables }, () =>
              wanted.flatMap(({ title, code }, index): Line[] => [
                ...(index > 0 ? [''] : []),
                // In all four languages a program, or a cell, with this line in it still runs.
                paint('heading', `# ${title}`),
                code
              ])
            );
          }
        )
      ),
    'underpass integration how-to-use "My DB"',
    'underpass integration how-to-use "My DB" --language python'
  );
}
