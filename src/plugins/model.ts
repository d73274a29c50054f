import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { IntegrationsModel } from '../model';
import { IIntegrationsModel } from '../tokens';

export const modelPlugin: JupyterFrontEndPlugin<IIntegrationsModel> = {
  id: 'jupyterlab-underpass:model',
  description:
    'The integrations of the workspace, kept in step with the tunnel service.',
  autoStart: true,
  provides: IIntegrationsModel,
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, translator: ITranslator | null) => {
    const { serviceManager } = app;
    const model = new IntegrationsModel({
      serverSettings: serviceManager.serverSettings,
      events: serviceManager.events,
      trans: (translator ?? nullTranslator).load('jupyterlab_underpass')
    });
    // What is on the screen first does not wait for it.
    void app.restored.then(idle).then(() => model.start());
    return model;
  }
};

/** Milliseconds after which it starts even if the browser is busy. */
const patience = 1000;

/** Wait until the browser has nothing else to do. Safari does not say when that is. */
function idle(): Promise<void> {
  return new Promise(resolve => {
    if ('requestIdleCallback' in window) {
      requestIdleCallback(() => resolve(), { timeout: patience });
    } else {
      setTimeout(resolve, 0);
    }
  });
}
