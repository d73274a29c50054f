/**
 * Whom to trust, asked of the person at the terminal, the way ssh asks.
 */
import type { HostKey, HostKeyPrompt } from '@underpass/protocol';

import { hostPort } from '../address.js';
import { fail } from '../serviceError.js';
import { ask } from './prompt.js';
import { paint } from './screen.js';
import type { Terminal } from './session.js';

/** Letters of a fingerprint's end that show that it was compared. */
const letters = 8;

/**
 * Show a fingerprint and ask. Anything but "yes", the whole fingerprint or its end is a no.
 * @param integrations names of those that wait for the answer
 * @param withdrawn aborted when it was answered elsewhere
 */
export async function trusts(
  { output }: Pick<Terminal, 'output'>,
  key: HostKey,
  integrations: readonly string[] = [],
  withdrawn?: AbortSignal
): Promise<boolean> {
  const { fingerprint } = key;
  output.say([
    `The host key of ${hostPort(key)} is not approved yet.`,
    [`  ${key.keyType} `, paint('heading', fingerprint)],
    ...(integrations.length > 0
      ? [`  ${integrations.join(', ')} can not be reached without it.`]
      : []),
    'Compare it with what the owner of the server gives you (on the server: ssh-keygen -lf).'
  ]);
  const typed = (
    await ask(
      `Trust it? Type yes, or the last ${letters} letters of the fingerprint (anything else: no):`,
      withdrawn
    )
  ).trim();
  return (
    typed.toLowerCase() === 'yes' ||
    typed === fingerprint ||
    (typed.length >= letters && fingerprint.endsWith(typed))
  );
}

/** Ask about a question that waits in the service, and tell it the answer. @returns the answer */
export async function answer(
  terminal: Terminal,
  prompt: HostKeyPrompt,
  withdrawn?: AbortSignal
): Promise<boolean> {
  const { client } = terminal;
  if (!(await trusts(terminal, prompt, prompt.integrations, withdrawn))) {
    await client.request('underpass/prompts/reject', { id: prompt.id });
    return false;
  }
  await client.request('underpass/hostKeys/approve', {
    host: prompt.host,
    port: prompt.port,
    fingerprint: prompt.fingerprint
  });
  return true;
}

/**
 * While a command waits for these integrations, ask the person at the terminal what they wait for. Questions of
 * others, and changed keys, which are never a matter of a yes, are left alone.
 */
export function answerMeanwhile(
  terminal: Terminal,
  integrations: readonly string[]
): void {
  const { client, interactive, output } = terminal;
  if (!interactive) {
    return;
  }
  const asked = new Map<string, AbortController>();
  let asking = Promise.resolve();
  const askAbout = async (prompt: HostKeyPrompt, withdrawn: AbortSignal) => {
    try {
      await answer(terminal, prompt, withdrawn);
    } catch (error) {
      if (withdrawn.aborted) {
        output.say(['It was answered elsewhere.']);
      } else {
        // No answer is a no: the command ends at once.
        await client.request('underpass/prompts/reject', { id: prompt.id });
        throw error;
      }
    }
  };
  const look = async () => {
    const { prompts } = await client.request('underpass/prompts/list', {});
    for (const [id, withdrawal] of asked) {
      if (!prompts.some(prompt => prompt.id === id)) {
        withdrawal.abort();
        asked.delete(id);
      }
    }
    for (const prompt of prompts) {
      if (
        prompt.status === 'unknown' &&
        !asked.has(prompt.id) &&
        prompt.integrations.some(name => integrations.includes(name))
      ) {
        const withdrawal = new AbortController();
        asked.set(prompt.id, withdrawal);
        // One question after the other.
        asking = asking
          .then(() => askAbout(prompt, withdrawal.signal))
          .catch(error => output.failure(error));
      }
    }
  };
  client.onChanged(({ topic }) => {
    if (topic === 'prompts') {
      // The command itself fails with the service, and says so.
      look().catch(() => undefined);
    }
  });
}

/** What a script is told that would have had to ask. */
export function nobodyToAsk(where: string): Error {
  return fail(
    'host-key-unknown',
    'host-key',
    'There is no terminal to ask at.',
    `Look with underpass hostkey scan ${where}, compare, then: underpass hostkey approve ${where} SHA256:…`
  );
}
