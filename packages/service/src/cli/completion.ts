import { Argument, Command } from 'commander';

import { bashInsertion, readBashLine } from './completion/bashLine.js';
import {
  type Candidate,
  complete,
  type Completion
} from './completion/candidates.js';
import { scripts, type Shell, shells } from './completion/scripts.js';
import { withExamples } from './examples.js';
import { oneLine } from './plainText.js';
import { withShell } from './session.js';

const shellArgument = () =>
  new Argument('<shell>', 'the shell').choices(shells);

export function completionCommand(): Command {
  return withExamples(
    new Command('completion')
      .addArgument(shellArgument())
      .description('Print the script that completes commands in your shell')
      .action(
        withShell(({ output }, shell: Shell) => {
          if (output.json) {
            output.result({ shell, script: scripts[shell] }, () => []);
          } else {
            process.stdout.write(scripts[shell]);
          }
        })
      ),
    'source <(underpass completion bash)                        # in ~/.bashrc',
    'source <(underpass completion zsh)                         # in ~/.zshrc, after compinit',
    'underpass completion fish > ~/.config/fish/completions/underpass.fish'
  );
}

/**
 * What the scripts of {@link completionCommand} ask.
 * @param typed what stood behind `--`: words, the last one at the cursor; for bash its word breaks and the line
 */
export function answerCommand(
  typed: readonly string[],
  top: () => Command
): Command {
  const answer = async (words: readonly string[]) => {
    const { Values } = await import('./completion/values.js');
    return complete(top(), words, new Values());
  };
  return new Command('__complete')
    .addArgument(shellArgument())
    .description('Answer the completion script of a shell')
    .action(
      withShell(async (_, shell: Shell) => {
        const lines =
          shell === 'bash'
            ? await forBash(answer, typed)
            : describe(await answer(typed));
        process.stdout.write(lines.map(line => `${line}\n`).join(''));
      })
    );
}

async function forBash(
  answer: (words: readonly string[]) => Promise<Completion>,
  [breaks = '', line = '']: readonly string[]
): Promise<string[]> {
  const bash = readBashLine(line, breaks);
  const completion = await answer(bash.words.slice(1));
  return completion.kind === 'words'
    ? [
        kindOf(completion),
        ...printable(completion.candidates).map(({ value }) =>
          bashInsertion(value, bash)
        )
      ]
    : [completion.kind];
}

function describe(completion: Completion): string[] {
  return completion.kind === 'words'
    ? [
        kindOf(completion),
        ...printable(completion.candidates).map(
          ({ value, description = '' }) =>
            `${value}\t${oneLine(description.split('\n')[0] ?? '')}`
        )
      ]
    : [completion.kind];
}

/** `open`: no blank follows the word, as its value does. */
function kindOf({ candidates }: { candidates: Candidate[] }): string {
  return candidates.length > 0 && candidates.every(({ open }) => open)
    ? 'open'
    : 'words';
}

/** What can not be typed is not completed either. */
const printable = (candidates: Candidate[]) =>
  candidates.filter(({ value }) => oneLine(value) === value);
