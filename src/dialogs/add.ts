import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Integration } from '@underpass/protocol';

import type { IIntegrationsModel } from '../tokens';
import { AddForm } from './addForm';
import { Draft } from './draft';

const addButton = 1;

/**
 * The Add dialog: closes when the service took the integration, or when the person gives up.
 */
export class AddDialog extends Dialog<Integration | null> {
  constructor(model: IIntegrationsModel, trans: TranslationBundle) {
    const draft = new Draft(model, trans);
    const form = new AddForm(draft, trans);
    super({
      title: trans.__('Add integration'),
      body: form,
      buttons: [
        Dialog.cancelButton(),
        Dialog.okButton({ label: trans.__('Add') })
      ],
      defaultButton: addButton
    });
    this._draft = draft;
    this._form = form;
    this.addClass('jp-Underpass-dialog');
    draft.changed.connect(this._onChanged, this);
    this._onChanged();
  }

  override resolve(index = addButton): void {
    if (index === addButton) {
      void this._submit();
    } else {
      super.resolve(index);
    }
  }

  /** A click beside the dialog must not throw away what was typed. */
  protected override _evtClick(event: MouseEvent): void {
    if (event.target !== this.node) {
      super._evtClick(event);
    }
  }

  /** In the form, keys do what they do in any form where a dialog has other plans. */
  protected override _evtKeydown(event: KeyboardEvent): void {
    const active = document.activeElement;
    const inForm = active !== null && this._form.node.contains(active);
    const isOwn =
      (event.key === 'Enter' &&
        active?.matches('button, summary, textarea, [data-own-enter]')) ||
      event.key.startsWith('Arrow');
    if (!inForm || !isOwn) {
      super._evtKeydown(event);
    }
  }

  private async _submit(): Promise<void> {
    this._form.added = await this._draft.submit();
    if (this._form.added && !this.isDisposed) {
      super.resolve(addButton);
    }
  }

  private _onChanged(): void {
    const button = this.node.querySelector<HTMLButtonElement>(
      'button.jp-mod-accept'
    );
    if (button) {
      button.disabled = this._draft.busy;
      button.hidden = this._draft.type === null;
    }
  }

  private readonly _draft: Draft;
  private readonly _form: AddForm;
}
