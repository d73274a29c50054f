import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICompletionProviderManager } from '@jupyterlab/completer';

import { SqlCompletionProvider } from '../completion/provider';
import { keepOthersOut } from '../completion/turn';
import { IIntegrationsModel } from '../tokens';

export const completionPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-underpass:completion',
  description: 'Completion in SQL cells, from the tunnel service.',
  autoStart: true,
  requires: [IIntegrationsModel],
  optional: [ICompletionProviderManager],
  activate: (
    app: JupyterFrontEnd,
    model: IIntegrationsModel,
    manager: ICompletionProviderManager | null
  ) => {
    if (!manager) {
      return;
    }
    manager.registerProvider(
      new SqlCompletionProvider(model, context => {
        // JupyterLab does not ask again while it shows a list, another provider's for example.
        void manager
          .updateCompleter(context)
          .then(() => manager.invoke(context.widget.id));
      })
    );
    // All are registered by then.
    void app.restored.then(() => keepOthersOut(manager, model));
  }
};
