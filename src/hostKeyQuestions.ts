import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { HostKeyPrompt } from '@underpass/protocol';

import { showFailure } from './dialogs/failure';
import { HostKeyDialog } from './dialogs/hostKey';
import { asFailure } from './failures';
import type { IIntegrationsModel } from './tokens';

/**
 * Asks about each host key once, as soon as it is in question. What is left open can be asked again with
 * {@link review}; a rejected key comes up again with the next attempt to connect.
 */
export class HostKeyQuestions implements IDisposable {
  constructor(
    private readonly _model: IIntegrationsModel,
    private readonly _trans: TranslationBundle
  ) {
    _model.changed.connect(this._onChanged, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._open.forEach(dialog => dialog.dispose());
      Signal.clearData(this);
    }
  }

  /** Ask about everything that is open, one after the other. */
  async review(): Promise<void> {
    await this._model.refresh();
    await Promise.all(this._prompts.map(prompt => this._ask(prompt)));
  }

  private _onChanged(): void {
    const waiting = new Set(this._prompts.map(({ id }) => id));
    for (const id of this._asked) {
      if (!waiting.has(id)) {
        // Answered elsewhere, or no longer of interest. Should it come back, it is a new question.
        this._asked.delete(id);
        this._open.get(id)?.reject();
      }
    }
    if (!this._model.may('write')) {
      // Somebody else has to answer; the sidebar says that there is a question.
      return;
    }
    for (const prompt of this._prompts) {
      if (!this._asked.has(prompt.id)) {
        void this._ask(prompt);
      }
    }
  }

  private async _ask(prompt: HostKeyPrompt): Promise<void> {
    if (this._open.has(prompt.id)) {
      return;
    }
    this._asked.add(prompt.id);
    const mayAnswer = this._model.may('write');
    const dialog = new HostKeyDialog(prompt, mayAnswer, this._trans);
    this._open.set(prompt.id, dialog);
    const { button } = await dialog.launch().finally(() => {
      this._open.delete(prompt.id);
    });
    if (button.actions.includes('approve')) {
      await this._approve(prompt);
    } else if (button.actions.includes('reject')) {
      await this._reject(prompt);
    }
  }

  private async _reject({ id }: HostKeyPrompt): Promise<void> {
    try {
      await this._model.request('underpass/prompts/reject', { id });
    } catch (error) {
      await showFailure(asFailure(error, this._trans), this._trans);
    }
    await this._model.refresh();
  }

  private async _approve(prompt: HostKeyPrompt): Promise<void> {
    const { host, port, fingerprint, integrations } = prompt;
    try {
      await this._model.request('underpass/hostKeys/approve', {
        host,
        port,
        fingerprint
      });
      // What waited goes on by itself; what gave up waiting starts again.
      if (this._model.may('execute')) {
        await this._model.request('underpass/integrations/prewarm', {
          integrations
        });
      }
    } catch (error) {
      await showFailure(asFailure(error, this._trans), this._trans);
    }
    await this._model.refresh();
  }

  private get _prompts(): readonly HostKeyPrompt[] {
    return this._model.listing?.prompts ?? [];
  }

  private readonly _asked = new Set<string>();
  private readonly _open = new Map<string, HostKeyDialog>();
  private _isDisposed = false;
}
