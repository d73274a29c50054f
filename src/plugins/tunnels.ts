import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IRunningSessionManagers } from '@jupyterlab/running';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from '../commandIds';
import { showSection } from '../running/section';
import { RunningTunnels } from '../running/tunnels';
import { IIntegrationsModel } from '../tokens';

export const tunnelsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-underpass:tunnels',
  description: 'Open tunnels among the running sessions.',
  autoStart: true,
  requires: [IIntegrationsModel],
  optional: [ITranslator, IRunningSessionManagers],
  activate: (
    app: JupyterFrontEnd,
    model: IIntegrationsModel,
    translator: ITranslator | null,
    sessions: IRunningSessionManagers | null
  ) => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load('jupyterlab_underpass');
    const tunnels = new RunningTunnels({ model, commands, trans });
    sessions?.add(tunnels);
    commands.addCommand(CommandIDs.showTunnels, {
      label: trans.__('Show tunnels'),
      caption: trans.__('Show the open tunnels'),
      describedBy: { args: { type: 'object', properties: {} } },
      isVisible: () => model.listing?.policy.sshTunnels !== false,
      execute: async () => {
        if (!showSection(shell, tunnels.name)) {
          await commands.execute(CommandIDs.showIntegrations);
        }
      }
    });
  }
};
