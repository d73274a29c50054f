import type { TranslationBundle } from '@jupyterlab/translation';
import { FormComponent, ReactWidget } from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { ErrorSchema } from '@rjsf/utils';
import { customizeValidator } from '@rjsf/validator-ajv8';
import type {
  Failure,
  Integration,
  IntegrationType
} from '@underpass/protocol';
import * as React from 'react';

import { FailureNote } from '../failureNote';
import { CopyText } from './copyText';
import type { Draft } from './draft';
import { FieldTemplate } from './fieldTemplate';
import type { Values } from './formSchema';
import {
  advancedFields,
  defaultValues,
  formLayout,
  formSchema,
  requiredFields
} from './formSchema';
import { KeyValues } from './keyValues';
import { PasteUrl } from './pasteUrl';
import { SectionsTemplate } from './sectionsTemplate';
import { TextArea } from './textArea';
import { TypePicker } from './typePicker';

/** The service validates; this one only satisfies the form. */
const validator = customizeValidator<ReadonlyJSONObject>();

const templates = {
  FieldTemplate,
  ObjectFieldTemplate: SectionsTemplate,
  ErrorListTemplate: () => null
};

/**
 * The body of the Add dialog: first the type, then its form.
 */
export class AddForm extends ReactWidget {
  constructor(
    private readonly _draft: Draft,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-Underpass-form');
    _draft.changed.connect(this.update, this);
  }

  /** What was added. */
  added: Integration | null = null;

  getValue(): Integration | null {
    return this.added;
  }

  protected render(): JSX.Element {
    const { type } = this._draft;
    return type ? this._form(type) : this._types();
  }

  private _types(): JSX.Element {
    return (
      <>
        <PasteUrl draft={this._draft} trans={this._trans} />
        <TypePicker
          types={this._draft.model.listing?.types ?? []}
          onChoose={type => this._draft.choose(type)}
          trans={this._trans}
        />
      </>
    );
  }

  private _form(type: IntegrationType): JSX.Element {
    const draft = this._draft;
    const trans = this._trans;
    const { failure, values } = draft;
    const field = fieldOf(failure, type);
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
        <FormComponent
          // Templates keep what is open.
          key={type.id}
          schema={formSchema(type, trans)}
          uiSchema={formLayout(type, values)}
          formData={values as ReadonlyJSONObject}
          formContext={{
            required: requiredFields(type),
            advanced: advancedFields(type),
            defaults: defaultValues(type),
            trans
          }}
          fields={{ keyValues: KeyValues }}
          templates={templates}
          widgets={{ TextareaWidget: TextArea }}
          validator={validator}
          noValidate
          noHtml5Validate
          tagName="div"
          {...(failure && field
            ? { extraErrors: errorAt(field, failure) }
            : {})}
          onChange={({ formData }) => draft.edit((formData ?? {}) as Values)}
        />
        {draft.publicKey && draft.usesSsh && (
          <div className="jp-Underpass-keyNote">
            <p>
              {trans.__(
                'The bastion must know the public key of this workspace: add this line to ~/.ssh/authorized_keys of the SSH user.'
              )}
            </p>
            <CopyText
              text={draft.publicKey}
              label={trans.__('public key')}
              trans={trans}
            />
          </div>
        )}
        {failure && !field && <FailureNote failure={failure} />}
      </>
    );
  }
}

/** The field of the form that a failure is about. */
function fieldOf(
  failure: Failure | null,
  type: IntegrationType
): string | null {
  const field = failure?.detail?.field;
  return typeof field === 'string' && ['name', ...type.order].includes(field)
    ? field
    : null;
}

function errorAt(field: string, failure: Failure): ErrorSchema {
  const { code, message, fix, detail } = failure;
  // At the field itself, "correct this field" says nothing new.
  const text = code === 'invalid-field' ? [message] : [message, fix];
  const entry = detail?.entry;
  return {
    [field]:
      typeof entry === 'string'
        ? { [entry]: { __errors: text } }
        : { __errors: text }
  } as ErrorSchema;
}
