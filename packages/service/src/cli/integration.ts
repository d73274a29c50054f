import { Command } from 'commander';

import { addCommand } from './integration/add.js';
import { duplicateCommand } from './integration/duplicate.js';
import { editCommand } from './integration/edit.js';
import { howToUseCommand } from './integration/howToUse.js';
import { listCommand } from './integration/list.js';
import { removeCommand } from './integration/remove.js';
import { renameCommand } from './integration/rename.js';
import { showCommand } from './integration/show.js';
import { typesCommand } from './integration/types.js';
import { testCommand } from './test.js';

export function integrationCommand(): Command {
  const command = new Command('integration').description(
    'The named connections of the workspace'
  );
  for (const child of [
    listCommand(),
    showCommand(),
    addCommand(),
    editCommand(),
    renameCommand(),
    duplicateCommand(),
    removeCommand(),
    testCommand(),
    howToUseCommand(),
    typesCommand()
  ]) {
    command.addCommand(child);
  }
  return command;
}
