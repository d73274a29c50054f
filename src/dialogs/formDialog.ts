import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import type { Integration } from '@underpass/protocol';

import type { Draft } from './draft';

const testButton = 1;
const saveButton = 2;

/** The body of such a dialog. */
export interface IFormBody extends Dialog.IBodyWidget<Integration | null> {
  /** What the service took. */
  saved: Integration | null;
}

export interface IFormDialogOptions {
  title: string;
  /** What the button says that saves. */
  save: string;
  draft: Draft;
  form: ReactWidget & IFormBody;
  trans: TranslationBundle;
}

/**
 * A form of an integration: closes when the service took what is typed, or when the person gives up. Nothing that was
 * typed is lost without a question.
 */
export class FormDialog extends Dialog<Integration | null> {
  constructor(options: IFormDialogOptions) {
    const { draft, form, trans } = options;
    super({
      title: options.title,
      body: form,
      buttons: [
        Dialog.cancelButton(),
        Dialog.createButton({
          label: trans.__('Test connection'),
          accept: false,
          className: 'jp-Underpass-testButton'
        }),
        Dialog.okButton({ label: options.save })
      ],
      defaultButton: saveButton
    });
    this._draft = draft;
    this._form = form;
    this.addClass('jp-Underpass-dialog');
    this.addClass('jp-Underpass-formDialog');
    draft.changed.connect(this._onChanged, this);
    this._onChanged();
  }

  override resolve(index = saveButton): void {
    switch (index) {
      case saveButton:
        void this._submit();
        break;
      case testButton:
        this._draft.startTest();
        break;
      default:
        this.reject();
    }
  }

  /** Asks first where something would be lost. In that question, it means no. */
  override reject(): void {
    if (this._draft.busy) {
      return;
    }
    if (this._draft.isLeaving) {
      this._draft.isLeaving = false;
    } else if (this._draft.isDirty) {
      this._draft.isLeaving = true;
    } else {
      super.reject();
    }
  }

  /** Give up what was typed. */
  leave(): void {
    super.reject();
  }

  /** Closes with what is there already, such as after an import of several. */
  finish(saved: Integration): void {
    this._form.saved = saved;
    if (!this.isDisposed) {
      super.resolve(saveButton);
    }
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    window.addEventListener('beforeunload', this._onUnload);
  }

  protected override onAfterDetach(message: Message): void {
    window.removeEventListener('beforeunload', this._onUnload);
    super.onAfterDetach(message);
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
    const { type } = this._draft;
    const saved = type && (await this._draft.submit());
    if (saved) {
      this.finish(saved);
    }
  }

  private _onChanged(): void {
    const draft = this._draft;
    const buttons = this.node.querySelectorAll<HTMLButtonElement>(
      '.jp-Dialog-footer button.jp-Dialog-button'
    );
    for (const index of [testButton, saveButton]) {
      const button = buttons[index];
      if (button) {
        button.disabled = draft.busy;
        button.hidden = draft.type === null;
      }
    }
  }

  private readonly _onUnload = (event: BeforeUnloadEvent): void => {
    if (this._draft.isDirty) {
      event.preventDefault();
      // What some browsers ask for instead.
      event.returnValue = '';
    }
  };

  private readonly _draft: Draft;
  private readonly _form: ReactWidget & IFormBody;
}
