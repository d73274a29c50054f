import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Integration } from '@underpass/protocol';
import * as React from 'react';

import type { IIntegrationsModel } from '../tokens';
import { bastionOf, stagesOf } from './stages';
import { TestView } from './testView';

/** Tests one integration and shows how far it comes, while it does. Closing it ends the test. */
export class TestDialog extends Dialog<void> {
  /** @param path Contents path of the notebook whose kernel has the drivers; '' for none. */
  constructor(
    model: IIntegrationsModel,
    integration: Integration,
    path: string,
    trans: TranslationBundle
  ) {
    super({
      title: trans.__('Test connection: %1', integration.name),
      body: ReactWidget.create(
        <div className="jp-Underpass-dialogBody">
          <TestView
            model={model}
            start={run =>
              model.request(
                'underpass/integrations/test',
                { integration: integration.id, run },
                path
              )
            }
            stages={stagesOf(integration, model.typeOf(integration))}
            bastion={bastionOf(integration.fields)}
            trans={trans}
          />
        </div>
      ),
      buttons: [Dialog.okButton({ label: trans.__('Close') })]
    });
    this.addClass('jp-Underpass-dialog');
  }
}
