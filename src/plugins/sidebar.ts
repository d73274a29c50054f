import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from '../commandIds';
import { addCommands } from '../commands';
import { addEgressCommand } from '../egress';
import { KernelPlace } from '../kernelPlace';
import { CurrentNotebook } from '../notebookTarget';
import { IntegrationsPanel } from '../sidebar/panel';
import { IIntegrationsModel } from '../tokens';

export const sidebarPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-underpass:sidebar',
  description: 'The Integrations sidebar and its commands.',
  autoStart: true,
  requires: [IIntegrationsModel],
  optional: [ITranslator, INotebookTracker, ICommandPalette, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    model: IIntegrationsModel,
    translator: ITranslator | null,
    notebooks: INotebookTracker | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null
  ) => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load('jupyterlab_underpass');
    const place = notebooks
      ? new KernelPlace(notebooks, app.serviceManager.serverSettings)
      : null;
    addCommands({
      commands,
      model,
      trans,
      place,
      notebook: notebooks ? new CurrentNotebook(notebooks) : null
    });
    addEgressCommand({ commands, model, trans });
    // What the administrator switches off, and what the person may not do, goes from the toolbar, too.
    model.changed.connect(() => {
      commands.notifyCommandChanged(CommandIDs.add);
      commands.notifyCommandChanged(CommandIDs.showKey);
      commands.notifyCommandChanged(CommandIDs.egress);
    });
    for (const command of [
      CommandIDs.add,
      CommandIDs.showKey,
      CommandIDs.egress
    ]) {
      palette?.addItem({ command, category: trans.__('Integrations') });
    }
    const panel = new IntegrationsPanel({ commands, model, trans, place });
    shell.add(panel, 'right', { rank: 700, type: 'Integrations' });
    restorer?.add(panel, panel.id);
  }
};
