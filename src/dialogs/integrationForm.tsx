import type { TranslationBundle } from '@jupyterlab/translation';
import { FormComponent } from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import { customizeValidator } from '@rjsf/validator-ajv8';
import type { IntegrationType } from '@underpass/protocol';
import * as React from 'react';

import { FailureNote } from '../failureNote';
import { BastionKey } from './bastionKey';
import { CheckBox } from './checkBox';
import { CertificatesWidget } from './certificatesWidget';
import type { Draft } from './draft';
import { DraftTest } from './draftTest';
import type { IFormContext } from './fieldTemplate';
import { FieldTemplate } from './fieldTemplate';
import { fieldErrors } from './formErrors';
import type { Values } from './formSchema';
import {
  advancedFields,
  defaultValues,
  formLayout,
  formSchema,
  requiredFields
} from './formSchema';
import { KeyValues } from './keyValues';
import { MarksFields } from './marksFields';
import { ModesWidget } from './modesWidget';
import { SecretWidget } from './secretWidget';
import { SectionsTemplate } from './sectionsTemplate';
import { TextArea } from './textArea';

/** The service validates; this one only satisfies the form. */
const validator = customizeValidator<ReadonlyJSONObject>();

const templates = {
  FieldTemplate,
  ObjectFieldTemplate: SectionsTemplate,
  ErrorListTemplate: () => null
};

const widgets = {
  CheckboxWidget: CheckBox,
  TextareaWidget: TextArea,
  secret: SecretWidget,
  certificates: CertificatesWidget,
  modes: ModesWidget
};

export interface IIntegrationFormProps {
  draft: Draft;
  type: IntegrationType;
  /** Secrets that have to be entered again. */
  secretsLost?: readonly string[];
  /** Said below the name. */
  nameNote?: React.ReactNode;
  trans: TranslationBundle;
}

/** The fields of an integration, what its bastion must know, its marks, and a test of what is typed. */
export function IntegrationForm(props: IIntegrationFormProps): JSX.Element {
  const { draft, type, secretsLost = [], nameNote, trans } = props;
  const { failure, values } = draft;
  const errors = fieldErrors(failure, type);
  const form = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    // The form takes errors over in a second rendering, which comes behind the effects of this one.
    const timer = window.setTimeout(() => focusFirstError(form.current));
    return () => window.clearTimeout(timer);
  }, [failure]);
  const context: IFormContext = {
    required: requiredFields(type),
    advanced: advancedFields(type),
    defaults: defaultValues(type),
    model: draft.model,
    secretsSet: draft.secretsSet,
    secretsLost,
    notes: { name: nameNote },
    behind: draft.usesSsh ? (
      <BastionKey draft={draft} type={type} trans={trans} />
    ) : null,
    trans
  };
  return (
    <div ref={form}>
      <FormComponent
        // Templates keep what is open.
        key={type.id}
        schema={formSchema(type, trans)}
        uiSchema={formLayout(type, values)}
        formData={values as ReadonlyJSONObject}
        formContext={context}
        fields={{ keyValues: KeyValues }}
        templates={templates}
        widgets={widgets}
        validator={validator}
        noValidate
        noHtml5Validate
        tagName="div"
        {...(errors ? { extraErrors: errors } : {})}
        onChange={({ formData }) => draft.edit((formData ?? {}) as Values)}
      />
      {type.tlsMeaning !== undefined && (
        <p className="jp-Underpass-fieldHint">
          {trans.__('TLS: %1', type.tlsMeaning)}
        </p>
      )}
      <MarksFields draft={draft} type={type} trans={trans} />
      {failure && !errors && <FailureNote failure={failure} />}
      {draft.test > 0 && (
        <DraftTest key={draft.test} draft={draft} type={type} trans={trans} />
      )}
    </div>
  );
}

function focusFirstError(form: HTMLElement | null): void {
  const error = form?.querySelector('.jp-Underpass-fieldError');
  const field = error?.closest('.jp-Underpass-keyValue, .jp-Underpass-field');
  if (field) {
    field.scrollIntoView({ block: 'nearest' });
    field
      .querySelector<HTMLElement>('input, select, textarea, button')
      ?.focus();
  } else {
    form
      ?.querySelector('.jp-Underpass-failure')
      ?.scrollIntoView({ block: 'nearest' });
  }
}
