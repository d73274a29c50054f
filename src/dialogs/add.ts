import type { TranslationBundle } from '@jupyterlab/translation';
import type { Integration } from '@underpass/protocol';

import type { IIntegrationsModel } from '../tokens';
import { AddDraft } from './addDraft';
import { AddForm } from './addForm';
import { FormDialog } from './formDialog';
import type { Values } from './formSchema';

/** The Add dialog. */
export class AddDialog extends FormDialog {
  /**
   * @param path Contents path of the notebook whose kernel has the drivers for a test; '' for none.
   * @param start The type whose form is shown at first, some of its fields filled in; absent for the choice.
   */
  constructor(
    model: IIntegrationsModel,
    trans: TranslationBundle,
    path = '',
    start?: { type: string; fields: Partial<Values> }
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

/** Ask for an integration and add it; null if the person leaves. */
export async function addIntegration(
  model: IIntegrationsModel,
  trans: TranslationBundle,
  start?: { type: string; fields: Partial<Values> }
): Promise<Integration | null> {
  const dialog = new AddDialog(model, trans, '', start);
  return (await dialog.launch()).value;
}
