import type { IDisposable } from '@lumino/disposable';
import { DisposableSet } from '@lumino/disposable';

import { addChangeCommands } from './change';
import { addConnectionCommands } from './connection';
import { CommandContext, type ICommandOptions } from './context';
import { addUsageCommands } from './usage';
import { addWorkspaceCommands } from './workspace';

export type { ICommandOptions, INotebookTarget } from './context';

/**
 * Register what can be done with integrations.
 */
export function addCommands(options: ICommandOptions): IDisposable {
  const context = new CommandContext(options);
  return DisposableSet.from([
    addWorkspaceCommands(context),
    addUsageCommands(context),
    addConnectionCommands(context),
    addChangeCommands(context)
  ]);
}
