import { Command } from 'commander';

import { withExamples } from '../examples.js';
import { confirm } from '../prompt.js';
import { type Terminal, withService } from '../session.js';

export function removeCommand(): Command {
  return withExamples(
    new Command('remove')
      .argument('<name>', 'the integration')
      .description('Remove an integration and its secrets')
      .option('-y, --yes', 'do not ask at a terminal')
      .action(
        withService(
          async (terminal, reference: string, { yes }: { yes?: boolean }) => {
            const { client, output, folder, interactive } = terminal;
            const { id, name } = await client.request(
              'underpass/integrations/get',
              { folder, integration: reference }
            );
            const projects = await projectsWith(terminal, name);
            if (interactive && yes !== true) {
              output.say([
                projects.length === 0
                  ? `"${name}" is connected to no project.`
                  : `"${name}" is connected to:`,
                ...projects.map(project => `  ${project}`)
              ]);
              if (!(await confirm(`Remove "${name}" and its secrets?`))) {
                output.say(['Not removed.']);
                process.exitCode = 1;
                return;
              }
            }
            await client.request('underpass/integrations/remove', {
              integration: id
            });
            output.result({ name, projects }, () => [
              projects.length === 0
                ? `Removed "${name}".`
                : `Removed "${name}", which was connected to ${projects.join(', ')}.`
            ]);
          }
        )
      ),
    'underpass integration remove "My DB"',
    'underpass integration remove "My DB" --yes'
  );
}

async function projectsWith(
  { client }: Terminal,
  name: string
): Promise<string[]> {
  const { projects } = await client.request('underpass/projects/list', {});
  return projects
    .filter(({ integrations }) => integrations.includes(name))
    .map(({ folder }) => folder);
}
