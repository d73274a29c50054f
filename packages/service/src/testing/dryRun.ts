/**
 * For tests: command lines that are parsed and run nothing.
 */
import assert from 'node:assert/strict';

import { type Command, CommanderError } from 'commander';

import { readBashLine } from '../cli/completion/bashLine.js';
import { program } from '../cli/program.js';

/** The program, which does nothing when a command line was parsed. */
export function inert(behindDashes: readonly string[]): Command {
  const top = program(behindDashes);
  for (const command of [top, ...everyCommand(top)]) {
    command.configureOutput({
      writeOut: () => undefined,
      writeErr: () => undefined
    });
    if (command.commands.length === 0) {
      command.action(() => undefined);
    }
  }
  return top;
}

const everyCommand = (command: Command): Command[] =>
  command.commands.flatMap(child => [child, ...everyCommand(child)]);

/** Parse a line as a shell would hand it over. */
export function parse(line: string): void {
  const [inner = line] = /underpass [^)]*(?=\))/.exec(line) ?? [line];
  const { words } = readBashLine(inner.replace(/\s[<>|].*$|\s+#.*$/, ''), '');
  const dashes = words.indexOf('--');
  const own = words.slice(1, dashes < 0 ? undefined : dashes);
  try {
    inert(dashes < 0 ? [] : words.slice(dashes + 1)).parse(own, {
      from: 'user'
    });
  } catch (error) {
    const helped = error instanceof CommanderError && error.exitCode === 0;
    assert.ok(helped, `${line}: ${String(error)}`);
  }
}
