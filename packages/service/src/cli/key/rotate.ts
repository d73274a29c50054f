import { Command } from 'commander';

import { withExamples } from '../examples.js';
import { withService } from '../session.js';
import { describeBastions } from './describe.js';

export function rotateKey(): Command {
  const command = new Command('rotate')
    .description(
      'Make a new key; the present one is used as the second until all bastions know the new one'
    )
    .option('--finish', 'delete the previous key now')
    .action(
      withService(
        async (
          { client, output },
          { finish = false }: { finish?: boolean }
        ) => {
          const key = await client.request('underpass/key/rotate', { finish });
          output.result(key, () => [
            finish
              ? 'The previous key is deleted.'
              : `The new key is ${key.fingerprint}.`,
            ...describeBastions(key)
          ]);
        }
      )
    );
  return withExamples(
    command,
    'underpass key rotate',
    'underpass key show',
    'underpass key rotate --finish'
  );
}
