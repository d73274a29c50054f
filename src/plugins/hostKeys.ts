import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from '../commandIds';
import { HostKeyQuestions } from '../hostKeyQuestions';
import { IIntegrationsModel } from '../tokens';

export const hostKeysPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-underpass:host-keys',
  description: 'Asks whether the host key of an SSH server is to be trusted.',
  autoStart: true,
  requires: [IIntegrationsModel],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    model: IIntegrationsModel,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyterlab_underpass');
    const questions = new HostKeyQuestions(model, trans);
    app.commands.addCommand(CommandIDs.reviewHostKeys, {
      label: trans.__('Review host keys…'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => questions.review()
    });
    palette?.addItem({
      command: CommandIDs.reviewHostKeys,
      category: trans.__('Integrations')
    });
  }
};
