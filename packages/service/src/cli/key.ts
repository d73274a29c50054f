import { Command } from 'commander';

import { exportKey } from './key/export.js';
import { importKey } from './key/import.js';
import { rotateKey } from './key/rotate.js';
import { showKey } from './key/show.js';

export function keyCommand(): Command {
  const command = new Command('key').description(
    'The SSH key of the workspace'
  );
  for (const child of [showKey(), importKey(), exportKey(), rotateKey()]) {
    command.addCommand(child);
  }
  return command;
}
