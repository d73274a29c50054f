import type { TranslationBundle } from '@jupyterlab/translation';

import type { IIntegrationsModel } from '../tokens';
import { AddDraft } from './addDraft';
import { AddForm } from './addForm';
import { FormDialog } from './formDialog';

/** The Add dialog. */
export class AddDialog extends FormDialog {
  /**
   * @param path Contents path of the notebook whose kernel has the drivers for a test; '' for none.
   * @param start The type whose form is shown at first, some of its fields filled in; else the choice.
   */
  constructor(
    model: IIntegrationsModel,
    trans: TranslationBundle,
    path = '',
    start?: { type: string; fields: object }
  ) {
    const draft = new AddDraft(model, path, trans);
    if (start) {
      draft.begin(start.type, start.fields);
    }
    const form = new AddForm(draft, trans);
    super({
      title: trans.__('Add integration'),
      save: trans.__('Add'),
      draft,
      form,
      trans
    });
    form.left.connect(() => this.leave());
    form.imported.connect((_, integration) => this.finish(integration));
  }
}
