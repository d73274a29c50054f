/**
 * `--set FIELD=VALUE` and `--secret FIELD=VALUE`: from the text of a command line to what the service takes.
 */
import { text } from 'node:stream/consumers';

import type { IntegrationType, Json } from '@underpass/protocol';

import { fail } from '../../serviceError.js';
import { askSecret } from '../prompt.js';

export type Fields = { [field: string]: Json };
type Assignment = [path: string[], value: Json];

/** For options that may be given several times. */
export const collect = (value: string, all: string[] = []): string[] => [
  ...all,
  value
];

export const secretsOnCommandLine =
  'What stands on the command line, passwords too, can be seen by other users of the machine: give them by stdin.';

/** `fields` with what `--set` says, in order. */
export function assign(
  fields: Fields,
  assignments: readonly string[],
  type: IntegrationType | undefined
): Fields {
  const result = { ...fields };
  for (const [[field = '', entry], value] of typed(assignments, type)) {
    result[field] =
      entry === undefined
        ? value
        : { ...(result[field] as object | undefined), [entry]: value };
  }
  return result;
}

/** Everything on a command line is text; the type's schema says what is a number or a switch. */
function typed(
  assignments: readonly string[],
  type: IntegrationType | undefined
): Assignment[] {
  const properties = (type?.schema.properties ?? {}) as {
    [field: string]: { type?: string };
  };
  return assignments.map(assignment => {
    const [path, value] = split(assignment, '--set');
    const [, field = '', entry] = /^([^.]*)\.(.*)$/.exec(path) ?? [];
    if (properties[field]?.type === 'object' && entry) {
      return [[field, entry], value];
    }
    switch (properties[path]?.type) {
      case 'integer':
        return [[path], /^\d+$/.test(value) ? Number(value) : value];
      case 'boolean':
        return [
          [path],
          value === 'true' || (value === 'false' ? false : value)
        ];
      default:
        return [[path], value];
    }
  });
}

/** What is typed in: a URL and secrets, of which one may be "-", which is stdin. */
export interface Input {
  url: string | undefined;
  secrets: { [field: string]: string };
}

/**
 * Read the URL and the secrets. A secret without a value is asked for.
 * @param interactive whether there is a person to ask
 */
export async function readInput(
  url: string | undefined,
  secrets: readonly string[],
  interactive: boolean
): Promise<Input> {
  const given = secrets.map(assignment => secret(assignment, interactive));
  const fromStdin = [url, ...given.map(({ value }) => value)].filter(
    value => value === '-'
  );
  if (fromStdin.length > 1) {
    throw fail(
      'invalid-request',
      'request',
      'Only one value can be read from stdin.',
      'Give the others in the file of --from, or at the prompt of a terminal.'
    );
  }
  const line =
    fromStdin.length === 0
      ? ''
      : (await text(process.stdin)).replace(/\r?\n$/, '');
  const result: Input = {
    url: url === '-' ? line : url,
    secrets: {}
  };
  for (const { field, value } of given) {
    result.secrets[field] =
      value === undefined
        ? await askSecret(`${field}:`)
        : value === '-'
          ? line
          : value;
  }
  return result;
}

/** Without a value it is asked for, which takes a person. */
function secret(
  assignment: string,
  interactive: boolean
): { field: string; value?: string } {
  if (!assignment.includes('=') && assignment !== '') {
    if (interactive) {
      return { field: assignment };
    }
    throw fail(
      'invalid-request',
      'request',
      `There is no terminal to ask for "${assignment}" at.`,
      `Give it by stdin: --secret ${assignment}=- < FILE`
    );
  }
  const [field, value] = split(assignment, '--secret');
  return { field, value };
}

function split(assignment: string, option: string): [string, string] {
  const at = assignment.indexOf('=');
  if (at <= 0) {
    throw fail(
      'invalid-request',
      'request',
      `${option} takes FIELD=VALUE.`,
      `Write, for example, ${option} host=db.internal.`
    );
  }
  return [assignment.slice(0, at), assignment.slice(at + 1)];
}
