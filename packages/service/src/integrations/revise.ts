import { fail } from '../serviceError.js';
import {
  type Fields,
  type IntegrationDefinition,
  secretNames
} from './define.js';
import { validate } from './validate.js';

export interface Revision {
  fields: Fields;
  /** Those to set, and (undefined) to remove; others stay. */
  secrets: { [field: string]: string | undefined };
  /** All that it has then. */
  allSecrets: { [field: string]: string };
}

/**
 * Parse what a person changed of an integration, as if all of it were typed anew.
 * @param fields all fields
 * @param typed secrets: null removes one; what is left out or empty, as forms send it, stays
 * @param kept the secrets that it has, as far as they can be read
 */
export function revise(
  definition: IntegrationDefinition,
  fields: Fields,
  typed: { [field: string]: string | null },
  kept: { [field: string]: string }
): Revision {
  const known = secretNames(definition);
  const unknown = Object.keys(typed).find(field => !known.includes(field));
  if (unknown !== undefined) {
    throw fail(
      'invalid-field',
      'request',
      `${definition.label} has no secret "${unknown}".`,
      known.length > 0
        ? `Its secrets are: ${known.join(', ')}.`
        : 'It has no secrets at all.',
      { field: unknown }
    );
  }
  const removed = known.filter(field => typed[field] === null);
  const staying = Object.entries(kept).filter(
    ([field]) => known.includes(field) && !removed.includes(field)
  );
  const given = Object.entries(typed).filter(
    (entry): entry is [string, string] => Boolean(entry[1]?.trim())
  );
  const merged = Object.fromEntries([...staying, ...given]);
  const valid = validate(definition, fields, merged);
  return {
    fields: valid.fields,
    allSecrets: valid.secrets,
    secrets: {
      ...Object.fromEntries(
        Object.entries(valid.secrets).filter(
          ([field, value]) => kept[field] !== value
        )
      ),
      ...Object.fromEntries(removed.map(field => [field, undefined]))
    }
  };
}
