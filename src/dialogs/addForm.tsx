import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { Integration, IntegrationType } from '@underpass/protocol';
import * as React from 'react';

import type { AddDraft } from './addDraft';
import type { IFormBody } from './formDialog';
import { ImportView } from './importView';
import { IntegrationForm } from './integrationForm';
import { Leaving } from './leaving';
import { PasteUrl } from './pasteUrl';
import { TypePicker } from './typePicker';

/** The body of the Add dialog: first the type, or what is imported, then the form. */
export class AddForm extends ReactWidget implements IFormBody {
  constructor(
    private readonly _draft: AddDraft,
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

  /** Emitted with the first of those that were imported without a form. */
  get imported(): ISignal<this, Integration> {
    return this._imported;
  }

  getValue(): Integration | null {
    return this.saved;
  }

  protected render(): JSX.Element {
    const draft = this._draft;
    return (
      <>
        {draft.type
          ? this._form(draft.type)
          : draft.isImporting
            ? this._import()
            : this._types()}
        {draft.isLeaving && (
          <Leaving
            onStay={() => (draft.isLeaving = false)}
            onLeave={() => this._left.emit()}
            trans={this._trans}
          />
        )}
      </>
    );
  }

  private _types(): JSX.Element {
    const draft = this._draft;
    const trans = this._trans;
    return (
      <>
        <PasteUrl draft={draft} trans={trans} />
        <TypePicker
          types={draft.model.listing?.types ?? []}
          onChoose={type => draft.choose(type)}
          trans={trans}
        />
        <section className="jp-Underpass-types">
          <h3>{trans.__('From other programs')}</h3>
          <button
            type="button"
            className="jp-Underpass-link"
            onClick={() => (draft.isImporting = true)}
          >
            {trans.__('Import from .pgpass or pg_service.conf…')}
          </button>
        </section>
      </>
    );
  }

  private _import(): JSX.Element {
    return (
      <ImportView
        draft={this._draft}
        onAdded={integration => this._imported.emit(integration)}
        trans={this._trans}
      />
    );
  }

  private _form(type: IntegrationType): JSX.Element {
    const draft = this._draft;
    const trans = this._trans;
    return (
      <>
        <div className="jp-Underpass-formType">
          <strong>{type.label}</strong>
          <button
            type="button"
            className="jp-Underpass-link"
            onClick={() => draft.choose(null)}
          >
            {trans.__('Change type')}
          </button>
        </div>
        <PasteUrl draft={draft} trans={trans} />
        <IntegrationForm draft={draft} type={type} trans={trans} />
      </>
    );
  }

  private readonly _left = new Signal<this, void>(this);
  private readonly _imported = new Signal<this, Integration>(this);
}
