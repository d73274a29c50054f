import { Command } from 'commander';

import { fail } from '../serviceError.js';
import { table } from './output.js';
import { withService } from './session.js';

export function testCommand(): Command {
  return new Command('test')
    .argument('<name>', 'the integration')
    .description('Walk the way to the server and say how far it goes')
    .action(
      withService(async ({ client, output }, name: string) => {
        const report = await client.request('underpass/integrations/test', {
          integration: name
        });
        output.result(report, () =>
          table(
            report.stages.map(result => [
              result.ok ? 'ok' : 'FAILED',
              result.stage,
              `${result.milliseconds} ms`
            ])
          )
        );
        const last = report.stages.at(-1);
        if (last && !last.ok) {
          const { code, stage, message, fix, detail } = last.failure;
          throw fail(code, stage, message, fix, detail);
        }
      })
    );
}
