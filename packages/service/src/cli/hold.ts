import type { HeldForward } from '@underpass/protocol';

import { Holding } from '../rpc/holding.js';
import { requireOwnListener } from '../rpc/listener.js';
import { answerMeanwhile } from './hostKeyQuestion.js';
import type { Terminal } from './session.js';

export interface Held {
  forwards: HeldForward[];
  /** Tells what becomes of them. */
  holding: Holding;
}

/**
 * Open forwards and keep them until the command ends, also when the service is killed: it is started again, with the
 * same ports. The person at the terminal is asked whom to trust.
 */
export async function hold(
  terminal: Terminal,
  names: readonly string[]
): Promise<Held> {
  const { client, folder, output } = terminal;
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
  for (const { forward } of forwards) {
    await requireOwnListener(forward.localPort);
  }
  const holding = new Holding(
    client,
    forwards,
    async () => {
      const again = await terminal.reconnect();
      answerMeanwhile(again, integrations);
      return again.client;
    },
    terminal.over
  );
  holding.on('lost', () =>
    output.remark('The tunnel service ended, and is started again.')
  );
  holding.on('back', () => output.remark('The tunnel service is back.'));
  holding.on('moved', ({ integration, forward }, now) =>
    output.remark(
      `"${integration}" has another port now: ${now.forward.localPort} instead of ${forward.localPort}, which somebody else has taken.`
    )
  );
  return { forwards, holding };
}
