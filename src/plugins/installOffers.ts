import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { NotebookActions } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { InstallOffer, mimeType } from '../installing/offer';

/** Before the line of text that other front ends show. */
const rank = 0;

export const installOffersPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-underpass:install-offers',
  description: 'Offers to install the driver that an SQL cell misses.',
  autoStart: true,
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyterlab_underpass');
    // Each notebook renders by itself: so the offer knows its kernel.
    app.docRegistry.addWidgetExtension('Notebook', {
      createNew: (panel: NotebookPanel) => {
        const { rendermime } = panel.content;
        rendermime.addFactory(
          {
            // Only what a cell has shown here, or in a notebook that is trusted: pip runs in the notebook's folder.
            safe: false,
            mimeTypes: [mimeType],
            createRenderer: () =>
              new InstallOffer({
                kernel: () => panel.sessionContext.session?.kernel ?? null,
                runAgain: output => runCellOf(panel, output),
                trans
              })
          },
          rank
        );
      }
    });
  }
};

function runCellOf(panel: NotebookPanel, output: HTMLElement): void {
  const notebook = panel.content;
  const index = notebook.widgets.findIndex(({ node }) => node.contains(output));
  if (index >= 0) {
    notebook.activeCellIndex = index;
    notebook.deselectAll();
    void NotebookActions.run(notebook, panel.sessionContext);
  }
}
