import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { Integration } from '@underpass/protocol';
import * as React from 'react';

import { ConflictNote } from './conflictNote';
import type { EditDraft } from './editDraft';
import type { IFormBody } from './formDialog';
import { FormerNames } from './formerNames';
import { IntegrationForm } from './integrationForm';
import { Leaving } from './leaving';

/** The body of the Edit dialog. */
export class EditForm extends ReactWidget implements IFormBody {
  constructor(
    private readonly _draft: EditDraft,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-Underpass-form');
    _draft.changed.connect(this.update, this);
  }

  saved: Integration | null = null;

  /** Emitted when the person gives up what was typed. */
  get left(): ISignal<this, void> {
    return this._left;
  }

  getValue(): Integration | null {
    return this.saved;
  }

  protected render(): JSX.Element {
    const draft = this._draft;
    const trans = this._trans;
    return (
      <>
        <div className="jp-Underpass-formType">
          <strong>{draft.type.label}</strong>
          <span className="jp-Underpass-fieldHint">
            {trans.__(
              'The type can not be changed. For another one, add an integration.'
            )}
          </span>
        </div>
        {draft.theirs && <ConflictNote draft={draft} trans={trans} />}
        <IntegrationForm
          draft={draft}
          type={draft.type}
          secretsLost={draft.secretsLost}
          nameNote={<FormerNames draft={draft} trans={trans} />}
          trans={trans}
        />
        {draft.isLeaving && (
          <Leaving
            onStay={() => (draft.isLeaving = false)}
            onLeave={() => this._left.emit()}
            trans={trans}
          />
        )}
      </>
    );
  }

  private readonly _left = new Signal<this, void>(this);
}
