import type { HeldForward } from '@underpass/protocol';

import { answerMeanwhile } from './hostKeyQuestion.js';
import type { Terminal } from './session.js';

/** Open forwards, which stay as long as the client; the person at the terminal is asked whom to trust. */
export async function hold(
  terminal: Terminal,
  names: readonly string[]
): Promise<HeldForward[]> {
  const { client, folder } = terminal;
  const integrations: string[] = [];
  for (const integration of names) {
    const { name } = await client.request('underpass/integrations/get', {
      folder,
      integration
    });
    integrations.push(name);
  }
  answerMeanwhile(terminal, integrations);
  const { forwards } = await client.request('underpass/hold', {
    integrations
  });
  return forwards;
}
