import type { Json } from '@underpass/protocol';
import { z } from 'zod';

import { fail, type ServiceError } from '../serviceError.js';
import {
  type Fields,
  type IntegrationDefinition,
  secretNames
} from './define.js';
import { allAsOne } from './refusals.js';

export interface ValidIntegration {
  fields: Fields;
  secrets: { [field: string]: string };
}

/**
 * Parse what a person typed. Refuses with the first field that is wrong, and all others in the
 * failure's detail; empty optional fields are left out.
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
  const errors = [
    ...(parsed.success ? [] : refusals(definition, parsed.error)),
    ...withoutBastion(definition, fields)
  ];
  if (!parsed.success || errors.length > 0) {
    throw allAsOne(errors);
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

function refusals(
  definition: IntegrationDefinition,
  { issues }: z.ZodError
): ServiceError[] {
  const unknown = issues.find(({ code }) => code === 'unrecognized_keys');
  return unknown
    ? [refuse(definition, unknown)]
    : issues.map(issue => refuse(definition, issue));
}

/** What of the bastion is missing, where one is to be used. */
function withoutBastion(
  definition: IntegrationDefinition,
  fields: Fields
): ServiceError[] {
  return definition.ssh === 'offered' && fields.sshEnabled === true
    ? ['sshHost', 'sshUser']
        .filter(field => String(fields[field] ?? '').trim() === '')
        .map(field => invalid(definition, field, 'is required when SSH is on'))
    : [];
}

function refuse(
  definition: IntegrationDefinition,
  issue: z.core.$ZodIssue
): ServiceError {
  if (issue.code === 'unrecognized_keys') {
    const field = issue.keys[0] ?? '';
    return fail(
      'invalid-field',
      'request',
      `${definition.label} has no field "${field}".`,
      `Use one of: ${Object.keys(definition.shape).join(', ')}.`,
      { field }
    );
  }
  const [field = '', entry] = issue.path;
  return invalid(
    definition,
    String(field),
    issue.message,
    entry === undefined ? undefined : String(entry)
  );
}

function invalid(
  definition: IntegrationDefinition,
  field: string,
  reason: string,
  entry?: string
): ServiceError {
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
