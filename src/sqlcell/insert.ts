import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { IDisposable } from '@lumino/disposable';

import { CommandIDs } from '../commandIds';
import { insertCode } from '../notebookTarget';
import type { IIntegrationsModel } from '../tokens';
import { quote } from './firstLine';

export interface IInsertOptions {
  commands: CommandRegistry;
  model: IIntegrationsModel;
  notebooks: INotebookTracker;
  trans: TranslationBundle;
}

/**
 * Register the command that inserts an SQL cell: for the integration that is named, else for the first database.
 */
export function addInsertCommand(options: IInsertOptions): IDisposable {
  const { commands, model, notebooks, trans } = options;
  return commands.addCommand(CommandIDs.insertSqlCell, {
    label: args =>
      args.toolbar ? trans.__('+ SQL') : trans.__('Insert SQL cell'),
    caption: trans.__('Insert an SQL cell'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          integration: {
            type: 'string',
            description: trans.__('Id or name of the integration')
          },
          toolbar: {
            type: 'boolean',
            description: trans.__('Use the short label of the toolbar')
          }
        }
      }
    },
    isEnabled: () => notebooks.currentWidget !== null,
    isVisible: ({ integration }) => {
      const found = integration ? model.find(String(integration)) : undefined;
      return !found || model.typeOf(found)?.kind === 'database';
    },
    execute: ({ integration }) => {
      const panel = notebooks.currentWidget;
      const found = integration
        ? model.find(String(integration))
        : model.databases[0];
      if (panel) {
        const name = found ? ` ${quote(found.name)}` : '';
        insertCode(panel, `%%sql${name} -o df\n`);
      }
    }
  });
}
