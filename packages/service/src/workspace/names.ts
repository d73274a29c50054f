/**
 * What integrations may be called. Two names that give the same variables would overwrite each other in every kernel.
 */
import { environmentPrefix } from '../integrations/environment.js';
import { fail } from '../serviceError.js';
import type { StoredIntegration } from './workspaceFormat.js';

/** All names and former names. */
export function namesOf(
  integrations: readonly StoredIntegration[]
): { id: string; name: string }[] {
  return integrations.flatMap(({ id, name, aliases }) =>
    [name, ...aliases].map(used => ({ id, name: used }))
  );
}

/** In the first line of a SQL cell it means the DataFrames of the notebook. */
const reservedName = 'duckdb';

/**
 * A name as it may be given to an integration.
 * @param own id of the integration itself: its own names are free
 * @throws ServiceError `invalid-field`, `duplicate-name`
 */
export function freeName(
  typed: string,
  integrations: readonly StoredIntegration[],
  own?: string
): string {
  const name = typed.trim();
  if (name === '' || /\p{Cc}/u.test(name)) {
    throw fail(
      'invalid-field',
      'request',
      'Name is required and must be one line.',
      'Give the integration a name.',
      { field: 'name' }
    );
  }
  if (name.startsWith('-')) {
    throw fail(
      'invalid-field',
      'request',
      'Name must not begin with a dash: it would be read as an option.',
      'Choose another name.',
      { field: 'name' }
    );
  }
  if (isSameName(name, reservedName)) {
    throw fail(
      'invalid-field',
      'request',
      `The name "${name}" is reserved: %%sql ${reservedName} is SQL over the DataFrames of a notebook.`,
      'Choose another name.',
      { field: 'name' }
    );
  }
  const prefix = environmentPrefix(name);
  const taken = namesOf(integrations).find(
    other => other.id !== own && environmentPrefix(other.name) === prefix
  );
  if (taken) {
    throw fail(
      'duplicate-name',
      'request',
      `The name "${name}" is taken: "${taken.name}" would use the same variables ${prefix}_….`,
      'Choose another name.',
      { field: 'name' }
    );
  }
  return name;
}

/** The name if it is free, else with a number behind it: the first that is. */
export function unusedName(
  name: string,
  integrations: readonly StoredIntegration[]
): string {
  const taken = takenPrefixes(integrations);
  for (let number = 1; ; number++) {
    const wanted = number === 1 ? name : `${name} ${number}`;
    if (!taken.has(environmentPrefix(wanted))) {
      return wanted;
    }
  }
}

/** "X copy", or "X copy 2" and so on: the first that is free. */
export function copyName(
  name: string,
  takenPrefixes: ReadonlySet<string>
): string {
  for (let number = 1; ; number++) {
    const copy = number === 1 ? `${name} copy` : `${name} copy ${number}`;
    if (!takenPrefixes.has(environmentPrefix(copy))) {
      return copy;
    }
  }
}

export function takenPrefixes(
  integrations: readonly StoredIntegration[]
): Set<string> {
  return new Set(
    namesOf(integrations).map(({ name }) => environmentPrefix(name))
  );
}

export function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
