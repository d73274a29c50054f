import { setTimeout as pause } from 'node:timers/promises';

import type { HeldForward } from '@underpass/protocol';

import { asFailure, fail } from '../serviceError.js';
import { answerMeanwhile } from './hostKeyQuestion.js';
import type { Terminal } from './session.js';

/** Milliseconds before a service is started again that ended right after it was. */
const shortestLife = 5_000;

export interface Held {
  forwards: HeldForward[];
  /** Rejects when they are held no longer: the service was stopped, or can not be started again. */
  lost: Promise<never>;
}

/**
 * Open forwards and keep them until the command ends, also when the service is killed: it is started again, with the
 * same ports. The person at the terminal is asked whom to trust.
 */
export async function hold(
  terminal: Terminal,
  names: readonly string[]
): Promise<Held> {
  const { client, folder } = terminal;
  const integrations: string[] = [];
  for (const integration of names) {
    const { name } = await client.request('underpass/integrations/get', {
      folder,
      integration
    });
    integrations.push(name);
  }
  const end = ended(terminal);
  const forwards = await request(terminal, integrations);
  const lost = holdAgain(terminal, end, integrations, forwards);
  // Who only waits for something else need not look.
  lost.catch(() => undefined);
  return { forwards, lost };
}

async function request(
  terminal: Terminal,
  integrations: string[]
): Promise<HeldForward[]> {
  answerMeanwhile(terminal, integrations);
  const { forwards } = await terminal.client.request('underpass/hold', {
    integrations
  });
  return forwards;
}

async function holdAgain(
  first: Terminal,
  firstEnd: Promise<void>,
  integrations: string[],
  forwards: readonly HeldForward[]
): Promise<never> {
  let terminal = first;
  let end = firstEnd;
  for (;;) {
    const began = Date.now();
    await end;
    terminal.output.remark('The tunnel service ended, and is started again.');
    if (Date.now() - began < shortestLife) {
      await pause(shortestLife, undefined, { ref: false });
    }
    terminal = await terminal.reconnect();
    end = ended(terminal);
    try {
      tellMoved(terminal, forwards, await request(terminal, integrations));
    } catch (error) {
      // They are held all the same, and dialled when they are used.
      const { message, fix } = asFailure(error);
      terminal.output.remark(`${message}\n  ${fix}`);
    }
  }
}

/**
 * Resolves when the service was killed, or gave up; never when the command itself is over.
 * @throws ServiceError a person has stopped it
 */
function ended({ client, over }: Terminal): Promise<void> {
  const end = new Promise<void>((resolve, reject) => {
    let stopped = false;
    client.onEnding(({ reason }) => {
      stopped = reason === 'stopped';
    });
    client.onClose(() => {
      if (stopped) {
        reject(
          fail(
            'service-unavailable',
            'request',
            'The tunnel service was stopped.',
            'Run it again: the service is started anew, with the same ports.'
          )
        );
      } else if (!over.aborted) {
        resolve();
      }
    });
  });
  end.catch(() => undefined);
  return end;
}

/** Somebody else may have taken a port in the meantime. */
function tellMoved(
  { output }: Terminal,
  before: readonly HeldForward[],
  now: readonly HeldForward[]
): void {
  for (const { integration, forward } of now) {
    const former = before.find(held => held.integration === integration);
    if (former && former.forward.localPort !== forward.localPort) {
      output.remark(
        `"${integration}" has another port now: ${forward.localPort} instead of ${former.forward.localPort}.`
      );
    }
  }
}
