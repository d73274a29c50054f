import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Integration } from '@underpass/protocol';

import type { IIntegrationsModel } from '../tokens';

/**
 * The Edit dialog: closes when the service took the changes, or when the person gives up.
 */
export class EditDialog extends Dialog<Integration | null> {
  /** @param path Contents path of the notebook whose kernel has the drivers for a test; '' for none. */
  constructor(
    _model: IIntegrationsModel,
    integration: Integration,
    _path: string,
    trans: TranslationBundle
  ) {
    super({
      title: trans.__('Edit: %1', integration.name),
      buttons: [Dialog.cancelButton()]
    });
    this.addClass('jp-Underpass-dialog');
  }
}
