import type { TranslationBundle } from '@jupyterlab/translation';

import type { IIntegrationsModel } from '../tokens';
import { AddDraft } from './addDraft';
import { AddForm } from './addForm';
import { FormDialog } from './formDialog';
import type { Values } from './formSchema';

/** The Add dialog. */
export class AddDialog extends FormDialog {
  /** @param path Contents path of the notebook whose kernel has the drivers for a test; '' for none. */
  constructor(model: IIntegrationsModel, trans: TranslationBundle, path = '') {
    const draft = new AddDraft(model, path, trans);
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
    this._draft = draft;
  }

  /** Begin with the form of a type, some of its fields filled in. */
  fillIn(type: string, fields: Partial<Values>): void {
    this._draft.begin(type, fields);
  }

  private readonly _draft: AddDraft;
}
