import { resolve } from 'node:path';

import { Command } from 'commander';

import { withExamples } from './examples.js';
import { paint, type Piece } from './screen.js';
import { withService } from './session.js';

export function projectCommand(): Command {
  const command = new Command('project').description(
    'The folders that have integrations connected'
  );
  command.addCommand(list());
  command.addCommand(forget());
  return command;
}

function list(): Command {
  return withExamples(
    new Command('list')
      .description('List the projects and what is connected to each')
      .action(
        withService(async ({ client, output }) => {
          const { projects } = await client.request(
            'underpass/projects/list',
            {}
          );
          output.result(projects, () =>
            projects.length === 0
              ? ['There are none yet: underpass connect --help']
              : output.table(
                  projects.map(({ folder, integrations, exists }): Piece[] => [
                    folder,
                    integrations.join(', '),
                    exists ? '' : paint('warning', 'the folder is gone')
                  ]),
                  { whole: [0] }
                )
          );
        })
      ),
    'underpass project list'
  );
}

function forget(): Command {
  return withExamples(
    new Command('forget')
      .argument('[folder]', 'the project (default: that of --project, or here)')
      .description('Disconnect everything from a project')
      .action(
        withService(async ({ client, output, folder }, typed?: string) => {
          const project = typed === undefined ? folder : resolve(typed);
          await client.request('underpass/projects/forget', { project });
          output.result({ folder: project }, () => [`Forgot ${project}.`]);
        })
      ),
    'underpass project forget ~/reports'
  );
}
