import type { HeldForward } from '@underpass/protocol';
import { Command } from 'commander';

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
            const { output } = terminal;
            const { forwards, holding } = await hold(terminal, names);
            const print = (held: readonly HeldForward[]) =>
              output.result(held, () =>
                held.flatMap(({ variables }) =>
                  Object.entries(variables).map(
                    ([key, value]) => `${key}=${value}`
                  )
                )
              );
            print(forwards);
            holding.on('moved', (_, now) => print([now]));
            output.remark(
              `${forwards.length === 1 ? 'This stays' : 'These stay'} open until you press Ctrl-C.`
            );
            await Promise.race([interrupted(), holding.ended]);
          },
          { approves: true }
        )
      ),
    'underpass forward "My DB"',
    'underpass forward "My DB" "My API" --json'
  );
}

function interrupted(): Promise<void> {
  return new Promise(resolve => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
    process.once('SIGHUP', resolve);
  });
}
