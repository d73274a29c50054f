/**
 * The reference of the command line, made from its definition.
 */
import type { Command } from 'commander';

import { fullName } from './fullName.js';

/** Every command that people use, the groups before what is in them. */
export function commandsOf(command: Command): Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter(child => child.name() !== 'help')
    .flatMap(child => [child, ...commandsOf(child)]);
}

/** What `--help` prints, as wide as the documentation is. */
export function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: written => {
      text += written;
    },
    getOutHelpWidth: () => 100,
    getOutHasColors: () => false
  });
  command.outputHelp();
  return text;
}

/** The command lines among the examples of a command's help, each as one line. */
export function examplesOf(command: Command): string[] {
  const [, examples = ''] = helpOf(command).split(/^Examples?:\n/m);
  return examples
    .replaceAll(/\\\n\s+/g, '')
    .split('\n')
    .map(line => line.trim())
    .filter(line => /(^|<\()underpass /.test(line));
}

/** All of it as Markdown. */
export function reference(top: Command): string {
  return [
    '# The command line',
    '',
    'Made from the program itself by `node --import tsx scripts/command-line.mjs`; every text here is what `--help` prints.',
    '',
    'All commands take `--json`: then stdout holds one JSON value, and stderr errors as JSON',
    '(`{code, stage, message, fix, detail}`), one in a line. Those that go on until they are interrupted print one value in',
    'each line. Colours follow [`NO_COLOR`](https://no-color.org). Exit codes: 0 done; 1 failed; 2 wrong usage; `run` gives',
    'that of its command, and 128 + number where a signal ended it.',
    '',
    '| variable | what it does |',
    '| --- | --- |',
    '| `UNDERPASS_HOME` | folder of the workspace; default: `underpass` in the Jupyter data directory |',
    '| `UNDERPASS_RUNTIME_DIR` | folder of socket, log and ports, on a local disk; default: the Jupyter runtime directory |',
    '| `UNDERPASS_PROJECT` | folder of the project, as `--project` |',
    '| `UNDERPASS_PRIVATE_KEY_FILE` | the private key to log in with, instead of the one in the workspace |',
    '| `UNDERPASS_POLICY_FILE` | the administrator’s policy |',
    '| `UNDERPASS_LINGER` | seconds that the service lives on after its last user; default: 30 |',
    '',
    '## underpass',
    '',
    ...fenced(helpOf(top)),
    ...commandsOf(top).flatMap(command => [
      `## ${fullName(command)}`,
      '',
      ...fenced(helpOf(command))
    ])
  ].join('\n');
}

const fenced = (text: string): string[] => [
  '```text',
  text.trimEnd(),
  '```',
  ''
];
