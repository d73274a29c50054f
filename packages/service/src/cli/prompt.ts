/**
 * Questions to a person at a terminal, on stderr, so that stdout stays what a script reads.
 */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

import { fail } from '../serviceError.js';
import { oneLine } from './plainText.js';

/**
 * Ask for a line.
 * @param withdrawn aborted when the answer is of no use any more
 * @throws ServiceError `cancelled` for Ctrl-C, Ctrl-D and a question that was withdrawn
 */
export function ask(
  question: string,
  withdrawn?: AbortSignal
): Promise<string> {
  return answer(question, process.stderr, withdrawn);
}

/** Ask for a line that is not shown while it is typed. */
export function askSecret(question: string): Promise<string> {
  const nowhere = new Writable({
    write: (_chunk, _encoding, written) => written()
  });
  return answer(question, nowhere);
}

/** A question that only "y" or "yes" answers with yes. */
export async function confirm(question: string): Promise<boolean> {
  const typed = await ask(`${question} [y/N]`);
  return /^y(es)?$/i.test(typed.trim());
}

/** @param echo where what is typed is shown */
async function answer(
  question: string,
  echo: NodeJS.WritableStream,
  withdrawn?: AbortSignal
): Promise<string> {
  const prompt = `${oneLine(question)} `;
  const shown = echo === process.stderr;
  if (!shown) {
    process.stderr.write(prompt);
  }
  const lines = createInterface({
    input: process.stdin,
    output: echo,
    terminal: true,
    historySize: 0
  });
  try {
    return await new Promise<string>((resolve, reject) => {
      const giveUp = () => reject(cancelled());
      // Ctrl-D ends it without a line.
      lines.once('close', giveUp);
      lines.once('SIGINT', giveUp);
      lines.once('line', resolve);
      withdrawn?.addEventListener('abort', giveUp, { once: true });
      if (withdrawn?.aborted) {
        giveUp();
      } else if (shown) {
        lines.setPrompt(prompt);
        lines.prompt();
      }
    });
  } catch (error) {
    if (shown) {
      process.stderr.write('\n');
    }
    throw error;
  } finally {
    lines.close();
    if (!shown) {
      // The one that was typed is not shown.
      process.stderr.write('\n');
    }
  }
}

function cancelled(): Error {
  return fail(
    'cancelled',
    'request',
    'Nothing was answered, and nothing was changed.',
    'Run the command again.'
  );
}
