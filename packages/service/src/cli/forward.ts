import { Command } from 'commander';

import type { ServiceClient } from '../rpc/client.js';
import { fail } from '../serviceError.js';
import { withExamples } from './examples.js';
import { hold } from './hold.js';
import { withService } from './session.js';

export function forwardCommand(): Command {
  return withExamples(
    new Command('forward')
      .argument('<names...>', 'the integrations')
      .description('Open forwards and keep them until interrupted')
      .action(
        withService(
          async (terminal, names: string[]) => {
            const { client, output } = terminal;
            const forwards = await hold(terminal, names);
            output.result(forwards, () =>
              forwards.flatMap(({ variables }) =>
                Object.entries(variables).map(
                  ([key, value]) => `${key}=${value}`
                )
              )
            );
            output.remark(
              `${forwards.length === 1 ? 'This stays' : 'These stay'} open until you press Ctrl-C.`
            );
            await interruptedOrClosed(client);
          },
          { approves: true }
        )
      ),
    'underpass forward "My DB"',
    'underpass forward "My DB" "My API" --json'
  );
}

function interruptedOrClosed(client: ServiceClient): Promise<void> {
  return new Promise((resolve, reject) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
    process.once('SIGHUP', resolve);
    client.onClose(() =>
      reject(
        fail(
          'service-unavailable',
          'request',
          'The tunnel service ended.',
          'Run it again: the service is started anew, with the same ports.'
        )
      )
    );
  });
}
