/**
 * Questions to a person at a terminal, on stderr, so that stdout stays what a script reads.
 */
import { read } from 'read';

import { fail } from '../serviceError.js';
import { oneLine } from './plainText.js';

/** Ask for a line. @throws ServiceError `cancelled` for Ctrl-C and Ctrl-D */
export function ask(question: string): Promise<string> {
  return answer(question, false);
}

/** Ask for a line that is not shown while it is typed. */
export function askSecret(question: string): Promise<string> {
  return answer(question, true);
}

/** A question that only "y" or "yes" answers with yes. */
export async function confirm(question: string): Promise<boolean> {
  const typed = await ask(`${question} [y/N]`);
  return /^y(es)?$/i.test(typed.trim());
}

async function answer(prompt: string, silent: boolean): Promise<string> {
  let giveUp = () => {};
  const cancelled = new Promise<never>((_, reject) => {
    // Ctrl-D ends the line reader without a word; all that is seen of it is that stdin is paused.
    giveUp = () => setImmediate(reject, new Error('canceled'));
    process.stdin.once('pause', giveUp);
  });
  try {
    return await Promise.race([
      read({ prompt: oneLine(prompt), silent, output: process.stderr }),
      cancelled
    ]);
  } catch {
    process.stderr.write('\n');
    throw fail(
      'cancelled',
      'request',
      'Nothing was answered, and nothing was changed.',
      'Run the command again.'
    );
  } finally {
    process.stdin.off('pause', giveUp);
  }
}
