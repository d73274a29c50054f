/**
 * The end of a command's help: how it is used, to copy. Command lines stand in lines that begin with two blanks and
 * `underpass`; a test parses each of them, and the documentation shows them.
 */
import type { Command } from 'commander';

/** @param lines command lines as typed in a shell; a long one continues after a backslash */
export function withExamples(
  command: Command,
  ...lines: readonly string[]
): Command {
  return command.addHelpText(
    'after',
    ['', 'Examples:', ...lines.map(line => `  ${line}`)].join('\n')
  );
}
