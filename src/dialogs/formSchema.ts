import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { RJSFSchema, UiSchema } from '@rjsf/utils';
import type { IntegrationType, Json, ShownWhen } from '@underpass/protocol';

/** What a person typed, by field; `name` is the integration's own. */
export type Values = { [field: string]: unknown };

/** Parts of a field's schema that make the form; the rest is for the service, which validates. */
const shown = ['title', 'description', 'type', 'format'] as const;

/** The form of a type: its fields behind the integration's name. */
export function formSchema(
  type: IntegrationType,
  trans: TranslationBundle
): RJSFSchema {
  const properties: RJSFSchema['properties'] = {
    name: {
      type: 'string',
      title: trans.__('Name'),
      description: trans.__('How SQL cells and variables call it')
    }
  };
  for (const [field, schema] of Object.entries(fieldSchemas(type))) {
    properties[field] = {
      ...Object.fromEntries(
        shown.filter(key => key in schema).map(key => [key, schema[key]])
      ),
      ...choices(schema)
    };
  }
  return { type: 'object', properties };
}

/** The values that a field may have, with their titles. */
function choices(schema: { [key: string]: Json }): RJSFSchema {
  if (!Array.isArray(schema.enum)) {
    return {};
  }
  const titles = (schema.enumNames ?? schema.enum) as Json[];
  return {
    // Not `enum` with names beside it, which each version of rjsf reads in another place.
    oneOf: schema.enum.map((value, index) => ({
      const: value as string,
      title: String(titles[index] ?? value)
    })),
    // Without one, a choice may also be empty.
    ...('default' in schema ? { default: schema.default as string } : {})
  };
}

/** Order, what is hidden for now, and what is not typed into one input. */
export function formLayout(
  type: IntegrationType,
  values: Values
): UiSchema<ReadonlyJSONObject> {
  const layout: UiSchema<ReadonlyJSONObject> = {
    'ui:order': ['name', ...type.order, '*']
  };
  for (const [field, schema] of Object.entries(fieldSchemas(type))) {
    layout[field] = {
      'ui:classNames': `jp-Underpass-field-${field}`,
      ...(schema.type === 'object' ? { 'ui:field': 'keyValues' } : {}),
      ...widget(schema),
      ...(isHidden(type, field, values) ? { 'ui:widget': 'hidden' } : {})
    };
  }
  layout.name = { 'ui:autofocus': true };
  return layout;
}

/** What a field is typed into, where that is not a line of text. */
function widget(schema: { [key: string]: Json }): UiSchema<ReadonlyJSONObject> {
  if (schema.writeOnly === true) {
    return { 'ui:widget': 'secret' };
  }
  if (schema.certificates !== undefined) {
    return {
      'ui:widget': 'certificates',
      'ui:options': { purpose: schema.certificates as string }
    };
  }
  if (schema.enumDescriptions !== undefined) {
    return {
      'ui:widget': 'modes',
      'ui:options': { meanings: schema.enumDescriptions as string[] }
    };
  }
  return {};
}

/** What people call a field. */
export function titleOf(type: IntegrationType, field: string): string {
  return String(fieldSchemas(type)[field]?.title ?? field);
}

/** Fields that few people need. */
export function advancedFields(type: IntegrationType): readonly string[] {
  return Object.entries(fieldSchemas(type))
    .filter(([, schema]) => schema.advanced === true)
    .map(([field]) => field);
}

export function requiredFields(type: IntegrationType): readonly string[] {
  const required = (type.schema.required ?? []) as string[];
  // `validate` of the service asks for these as soon as SSH is on.
  const ssh = type.ssh === 'offered' ? ['sshHost', 'sshUser'] : [];
  return ['name', ...required, ...ssh];
}

/** What the form starts with. */
export function defaultValues(type: IntegrationType): Values {
  return Object.fromEntries(
    Object.entries(fieldSchemas(type))
      .filter(([, schema]) => 'default' in schema)
      .map(([field, schema]) => [field, schema.default])
  );
}

export function usesSsh(type: IntegrationType, values: Values): boolean {
  return (
    type.ssh === 'required' ||
    (type.ssh === 'offered' && values.sshEnabled === true)
  );
}

/** What to send: fields and secrets apart, without what the form hides or nobody filled in. */
export function splitValues(
  type: IntegrationType,
  values: Values
): {
  fields: { [field: string]: Json };
  /** Null removes one. */
  secrets: { [field: string]: string | null };
} {
  const fields: { [field: string]: Json } = {};
  const secrets: { [field: string]: string | null } = {};
  for (const field of type.order) {
    const value = values[field];
    if (value === undefined || isHidden(type, field, values)) {
      continue;
    }
    if (type.secrets.includes(field)) {
      secrets[field] = value === null ? null : String(value);
    } else if (!isEmptyObject(value)) {
      fields[field] = value as Json;
    }
  }
  return { fields, secrets };
}

/** A field that the values of others say nothing good for: `shownWhen` of its schema. */
export function isHidden(
  type: IntegrationType,
  field: string,
  values: Values
): boolean {
  const schemas = fieldSchemas(type);
  const condition = (schemas[field]?.shownWhen ?? {}) as ShownWhen;
  return Object.entries(condition).some(
    ([other, wanted]) =>
      other in schemas &&
      (isHidden(type, other, values) ||
        !wanted.includes(values[other] as string | number | boolean))
  );
}

function isEmptyObject(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).length === 0
  );
}

function fieldSchemas(type: IntegrationType): {
  [field: string]: { [key: string]: Json };
} {
  return type.schema.properties as {
    [field: string]: { [key: string]: Json };
  };
}
