/**
 * Whether anything can be done with an integration as it was kept. Other versions and accidents write files, too.
 */
import type { Failure } from '@underpass/protocol';
import { z } from 'zod';

import { fail, ServiceError } from '../serviceError.js';
import { type Fields, secretNames } from './define.js';
import { definitions } from './registry.js';

export interface Kept {
  type: string;
  name: string;
  fields: Fields;
}

/** Kept integrations are never changed in place. */
const known = new WeakMap<Kept, { failure: Failure | undefined }>();

/** Why it can not be used; undefined if it can. */
export function obstacleTo(kept: Kept): Failure | undefined {
  const found = known.get(kept) ?? { failure: look(kept) };
  known.set(kept, found);
  return found.failure;
}

/** @throws ServiceError `unknown-type`, `invalid-field` */
export function requireUsable(kept: Kept): void {
  const failure = obstacleTo(kept);
  if (failure) {
    throw new ServiceError(failure);
  }
}

function look({ type, name, fields }: Kept): Failure | undefined {
  const definition = definitions.find(({ id }) => id === type);
  if (!definition) {
    return fail(
      'unknown-type',
      'request',
      `"${name}" can not be used: this version of underpass knows no type "${type}".`,
      'Install the version that it was added with, or a newer one. It is kept as it is.',
      { field: 'type' }
    ).failure;
  }
  // Of a newer version, a type may have further fields: these do no harm.
  const secrets = secretNames(definition);
  const shape = Object.fromEntries(
    Object.entries(definition.shape).filter(
      ([field]) => !secrets.includes(field)
    )
  );
  const issue = z.object(shape).safeParse(fields).error?.issues[0];
  const wrong = issue
    ? { field: String(issue.path[0] ?? ''), reason: issue.message }
    : definition.wrong?.(fields);
  return wrong
    ? fail(
        'invalid-field',
        'request',
        `"${name}" can not be used: its field "${wrong.field}" ${wrong.reason}.`,
        'Edit the integration and correct the field.',
        { field: wrong.field }
      ).failure
    : undefined;
}
