import { setTimeout as pause } from 'node:timers/promises';

import { Command } from 'commander';

import { Place } from '../rpc/place.js';
import { fail } from '../serviceError.js';
import { findPaths } from '../workspace/paths.js';
import { withExamples } from './examples.js';
import { askUnintroduced, connectToRunning } from './runningService.js';
import { withShell } from './session.js';

/** Milliseconds for the service to end. */
const longestEnd = 10_000;
/** Milliseconds between two looks whether it has. */
const pollInterval = 20;

export function stopCommand(): Command {
  return withExamples(
    new Command('stop')
      .description(
        'End the tunnel service with its forwards; whoever needs it next starts it again'
      )
      .option('--only-idle', 'not while somebody uses it')
      .action(
        withShell(async ({ output }, { onlyIdle }: { onlyIdle?: boolean }) => {
          const stopped = await stop(onlyIdle === true);
          output.result({ stopped }, () => [
            stopped
              ? 'The tunnel service has ended.'
              : 'No tunnel service runs.'
          ]);
        })
      ),
    'underpass stop',
    'underpass stop --only-idle'
  );
}

async function stop(onlyIdle: boolean): Promise<boolean> {
  const place = new Place(findPaths().pid);
  const holder = place.holder();
  const socket = await connectToRunning();
  if (!socket) {
    return false;
  }
  const late = () => stillThere(holder);
  try {
    await askUnintroduced(
      socket,
      'underpass/shutdown',
      { onlyIdle },
      longestEnd,
      late
    );
  } finally {
    socket.destroy();
  }
  // When the place is free, so are the ports.
  for (
    const deadline = Date.now() + longestEnd;
    holder !== undefined && place.holder() === holder;
    await pause(pollInterval)
  ) {
    if (Date.now() > deadline) {
      throw late();
    }
  }
  return true;
}

function stillThere(pid: number | undefined): Error {
  return fail(
    'service-unresponsive',
    'request',
    `The tunnel service did not end within ${longestEnd / 1000} s.`,
    pid === undefined
      ? 'See what is wrong: underpass doctor.'
      : `See what is wrong: underpass doctor. Or end it: kill -9 ${pid}`
  );
}
