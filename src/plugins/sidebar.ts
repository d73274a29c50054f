import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
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
  optional: [ITranslator, INotebookTracker, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    model: IIntegrationsModel,
    translator: ITranslator | null,
    notebooks: INotebookTracker | null,
    restorer: ILayoutRestorer | null
  ) => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load('jupyterlab_underpass');
    const place = notebooks
      ? new KernelPlace(notebooks, app.serviceManager.serverSettings)
      : null;
    addEgressCommand({ commands, model, trans });
    // What the administrator switches off, and what the person may not do, goes from the toolbar, too.
    model.changed.connect(() => {
      commands.notifyCommandChanged(CommandIDs.add);
      commands.notifyCommandChanged(CommandIDs.showKey);
      commands.notifyCommandChanged(CommandIDs.egress);
    });
    const panel = new IntegrationsPanel({ commands, model, trans, place });
    shell.add(panel, 'right', { rank: 700, type: 'Integrations' });
    restorer?.add(panel, panel.id);
    addCommands({
      commands,
      model,
      trans,
      place,
      notebook: notebooks ? new CurrentNotebook(notebooks) : null,
      reveal: integration => {
        shell.activateById(panel.id);
        panel.focusOn(integration);
      }
    });
  }
};
