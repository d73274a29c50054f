import { Command } from 'commander';

import { withService } from './session.js';

export function keyCommand(): Command {
  const command = new Command('key').description(
    'The SSH key of the workspace'
  );
  command
    .command('show')
    .description(
      'Print the public key and a least-privilege line for a bastion'
    )
    .action(
      withService(async ({ client, output }) => {
        const key = await client.request('underpass/key/show', {});
        output.result(key, () => [
          key.publicKey,
          '',
          `Fingerprint: ${key.fingerprint}`,
          ...(key.authorizedKeys
            ? [
                'For authorized_keys, allowing the forwards of this workspace and nothing else:',
                key.authorizedKeys
              ]
            : [])
        ]);
      })
    );
  return command;
}
