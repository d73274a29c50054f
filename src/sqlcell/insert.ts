import type { INotebookTracker, Notebook } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { IDisposable } from '@lumino/disposable';
import { parseFirstLine, quote } from '@underpass/protocol/sqlCell';

import { CommandIDs } from '../commandIds';
import { insertCode } from '../notebookTarget';
import type { IIntegrationsModel } from '../tokens';
import { isDataFrames } from './names';

export interface IInsertOptions {
  commands: CommandRegistry;
  model: IIntegrationsModel;
  notebooks: INotebookTracker;
  trans: TranslationBundle;
}

/**
 * Register the command that inserts an SQL cell: for the integration that is named, else for the one that the notebook
 * uses.
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
      const name = integration
        ? model.find(String(integration))?.name
        : panel && usedIn(panel.content, model);
      if (panel) {
        insertCode(panel, name ? `%%sql ${quote(name)}\n` : '%%sql\n');
      }
    }
  });
}

/**
 * The integration of a notebook's SQL cells: of the one that is nearest above the active cell, else of the first one;
 * where there is none, the first database of the project.
 */
function usedIn(
  notebook: Notebook,
  model: IIntegrationsModel
): string | undefined {
  const names = notebook.widgets.map(({ model: { sharedModel } }) => {
    const line = parseFirstLine(sharedModel.getSource());
    return line?.foreign ? undefined : line?.integration?.value;
  });
  const above = names.slice(0, notebook.activeCellIndex + 1).reverse();
  const used = [...above, ...names].find(
    name =>
      name &&
      // Until the service has said what there is, what the notebook says holds.
      (!model.listing || isDataFrames(name) || model.find(name)?.connected)
  );
  return used ?? model.databases[0]?.name;
}
