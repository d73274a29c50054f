/**
 * Options for what an integration is marked with.
 */
import type { Marks } from '@underpass/protocol';
import type { Command } from 'commander';

export interface MarkOptions {
  production?: boolean;
  readOnly?: boolean;
}

/** Not given is another thing than switched off. */
export function withMarks(command: Command): Command {
  return command
    .option('--production', 'mark it as production, which is shown')
    .option('--no-production', 'take that mark away')
    .option(
      '--read-only',
      'refuse to write through it: a guard against accidents, see docs/read-only.md'
    )
    .option('--no-read-only', 'allow to write through it');
}

/** As the service takes them; undefined where none was given. */
export function marksFrom({
  production,
  readOnly
}: MarkOptions): MarkOptions | undefined {
  const marks = {
    ...(production === undefined ? {} : { production }),
    ...(readOnly === undefined ? {} : { readOnly })
  };
  return Object.keys(marks).length > 0 ? marks : undefined;
}

/** For people. */
export function wordsOf({ production, readOnly }: Marks): string[] {
  return [
    ...(production ? ['production'] : []),
    ...(readOnly ? ['read-only'] : [])
  ];
}
