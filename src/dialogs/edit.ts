import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Integration, IntegrationType } from '@underpass/protocol';

import type { IIntegrationsModel } from '../tokens';
import { EditDraft } from './editDraft';
import { EditForm } from './editForm';
import { showFailure } from './failure';
import { FormDialog } from './formDialog';

/** Changes an integration. Ends when the service took the changes, or when the person gives up. */
export class EditDialog {
  /** @param path Contents path of the notebook whose kernel has the drivers for a test; '' for none. */
  constructor(
    private readonly _model: IIntegrationsModel,
    private readonly _integration: Integration,
    private readonly _path: string,
    private readonly _trans: TranslationBundle
  ) {}

  launch(): Promise<Dialog.IResult<Integration | null>> {
    const type = this._model.typeOf(this._integration);
    return type ? this._edit(type) : this._refuse();
  }

  private _edit(
    type: IntegrationType
  ): Promise<Dialog.IResult<Integration | null>> {
    const trans = this._trans;
    const draft = new EditDraft(
      this._model,
      this._integration,
      type,
      this._path,
      trans
    );
    const form = new EditForm(draft, trans);
    const dialog = new FormDialog({
      title: trans.__('Edit: %1', this._integration.name),
      save: trans.__('Save'),
      draft,
      form,
      trans
    });
    form.left.connect(() => dialog.leave());
    dialog.disposed.connect(() => draft.dispose());
    // It disposes of itself when it is closed.
    return dialog.launch();
  }

  /** Its fields are known to nobody here: another version has added it, or the administrator has switched it off. */
  private async _refuse(): Promise<Dialog.IResult<Integration | null>> {
    const { name, typeLabel, unusable } = this._integration;
    await showFailure(
      unusable ?? {
        code: 'unknown-type',
        stage: 'request',
        message: this._trans.__(
          '"%1" can not be edited: its type, %2, is not offered.',
          name,
          typeLabel
        ),
        fix: this._trans.__('It is kept as it is.')
      },
      this._trans
    );
    return { button: Dialog.cancelButton(), isChecked: null, value: null };
  }
}
