import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from '../commandIds';
import { addInsertCommand } from '../sqlcell/insert';
import { SqlCellHeader } from '../sqlcell/header';
import { SqlCellExtension } from '../sqlcell/notebookExtension';
import { Preferences } from '../sqlcell/preferences';
import { Prewarming } from '../sqlcell/prewarming';
import { Splitting } from '../sqlcell/splitting';
import { IIntegrationsModel } from '../tokens';

/** Named like the settings file: they are about SQL cells. */
export const sqlCellsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-underpass:plugin',
  description: 'Header, colours and command for SQL cells in notebooks.',
  autoStart: true,
  requires: [IIntegrationsModel, INotebookTracker, IEditorLanguageRegistry],
  optional: [ITranslator, ICommandPalette, ISettingRegistry],
  activate: async (
    app: JupyterFrontEnd,
    model: IIntegrationsModel,
    notebooks: INotebookTracker,
    languages: IEditorLanguageRegistry,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    registry: ISettingRegistry | null
  ) => {
    const { commands, docRegistry } = app;
    const trans = (translator ?? nullTranslator).load('jupyterlab_underpass');
    addInsertCommand({ commands, model, notebooks, trans });
    palette?.addItem({
      command: CommandIDs.insertSqlCell,
      category: trans.__('Notebook Cell Operations')
    });
    new Splitting(commands, notebooks);
    const preferences = new Preferences();
    docRegistry.addWidgetExtension(
      'Notebook',
      new SqlCellExtension(
        {
          languages,
          model,
          preferences,
          createHeader: sqlCell =>
            new SqlCellHeader({ commands, model, sqlCell, trans })
        },
        panel => new Prewarming(panel, model, () => preferences.prewarm)
      )
    );
    const settings = await registry?.load(sqlCellsPlugin.id);
    if (settings) {
      preferences.follow(settings);
    }
  }
};
