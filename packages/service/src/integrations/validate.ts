import type { Json } from '@underpass/protocol';
import { z } from 'zod';

import { fail } from '../serviceError.js';
import {
  type Fields,
  type IntegrationDefinition,
  secretNames
} from './define.js';

export interface ValidIntegration {
  fields: Fields;
  secrets: { [field: string]: string };
}

/**
 * Parse what a person typed. Refuses with the first field that is wrong; empty optional fields are left out.
 */
export function validate(
  definition: IntegrationDefinition,
  typedFields: Fields,
  typedSecrets: { [field: string]: string }
): ValidIntegration {
  const typed = { fields: typedFields, secrets: typedSecrets };
  const { fields, secrets } = definition.prepare?.(typed) ?? typed;
  const secretFields = secretNames(definition);
  const misplaced = Object.keys(fields).find(field =>
    secretFields.includes(field)
  );
  if (misplaced) {
    throw invalid(
      definition,
      misplaced,
      'is a secret and must be given as one'
    );
  }
  const parsed = z
    .strictObject(definition.shape)
    .safeParse({ ...withoutEmpty(fields), ...withoutEmpty(secrets) });
  if (!parsed.success) {
    throw refuse(definition, parsed.error);
  }
  if (definition.ssh === 'offered' && parsed.data.sshEnabled === true) {
    for (const field of ['sshHost', 'sshUser']) {
      if (!parsed.data[field]) {
        throw invalid(definition, field, 'is required when SSH is on');
      }
    }
  }
  const valid: ValidIntegration = { fields: {}, secrets: {} };
  for (const [field, value] of Object.entries(parsed.data)) {
    if (secretFields.includes(field)) {
      valid.secrets[field] = value as string;
    } else {
      valid.fields[field] = value as Json;
    }
  }
  const wrong = definition.wrong?.(valid.fields);
  if (wrong) {
    throw invalid(definition, wrong.field, wrong.reason);
  }
  return valid;
}

/** Forms send '' for what was not filled in. */
function withoutEmpty<T>(values: { [field: string]: T }): {
  [field: string]: T;
} {
  return Object.fromEntries(
    Object.entries(values).filter(
      ([, value]) =>
        value !== null && !(typeof value === 'string' && value.trim() === '')
    )
  );
}

function refuse(definition: IntegrationDefinition, error: z.ZodError): Error {
  const issue = error.issues[0];
  if (issue?.code === 'unrecognized_keys') {
    const field = issue.keys[0] ?? '';
    return fail(
      'invalid-field',
      'request',
      `${definition.label} has no field "${field}".`,
      `Use one of: ${Object.keys(definition.shape).join(', ')}.`,
      { field }
    );
  }
  const [field = '', entry] = issue?.path ?? [];
  return invalid(
    definition,
    String(field),
    issue?.message ?? 'is not valid',
    entry === undefined ? undefined : String(entry)
  );
}

function invalid(
  definition: IntegrationDefinition,
  field: string,
  reason: string,
  entry?: string
): Error {
  const title = String(definition.shape[field]?.meta()?.title ?? field);
  return fail(
    'invalid-field',
    'request',
    entry === undefined
      ? `${title} ${reason}.`
      : `${title}: "${entry}" ${reason}.`,
    `Correct the field "${field}".`,
    { field, ...(entry === undefined ? {} : { entry }) }
  );
}
