import { Command, InvalidArgumentError } from 'commander';

import { type HostAndPort, hostPort, parseHostPort } from '../address.js';
import { table } from './output.js';
import { withService } from './session.js';

const sshPort = 22;

export function hostkeyCommand(): Command {
  const command = new Command('hostkey').description(
    'The SSH servers whose keys are approved'
  );
  command
    .command('scan')
    .argument('<host:port>', 'the SSH server', hostAndPort)
    .description('Show the host key that a server presents now')
    .action(
      withService(async ({ client, output }, target: HostAndPort) => {
        const key = await client.request('underpass/hostKeys/scan', target);
        output.result(key, () => [
          `${hostPort(key)} ${key.keyType} ${key.fingerprint} ${key.status}`
        ]);
      })
    );
  command
    .command('approve')
    .argument('<host:port>', 'the SSH server', hostAndPort)
    .argument('<fingerprint>', 'SHA256:…, from a source you trust')
    .description('Trust a server whose key has this fingerprint')
    .action(
      withService(
        async (
          { client, output },
          target: HostAndPort,
          fingerprint: string
        ) => {
          const key = await client.request('underpass/hostKeys/approve', {
            ...target,
            fingerprint
          });
          output.result(key, () => [
            `Approved ${key.keyType} ${key.fingerprint} for ${hostPort(key)}.`
          ]);
        }
      )
    );
  command
    .command('list')
    .description('List the approved host keys')
    .action(
      withService(async ({ client, output }) => {
        const { hostKeys } = await client.request(
          'underpass/hostKeys/list',
          {}
        );
        output.result(hostKeys, () =>
          table(
            hostKeys.map(key => [
              hostPort(key),
              key.keyType,
              key.fingerprint,
              key.approvedAt
            ])
          )
        );
      })
    );
  command
    .command('remove')
    .argument('<host:port>', 'the SSH server', hostAndPort)
    .description('Forget the approved keys of a server')
    .action(
      withService(async ({ client, output }, target: HostAndPort) => {
        const { removed } = await client.request(
          'underpass/hostKeys/remove',
          target
        );
        output.result({ removed }, () => [`Removed ${removed} host key(s).`]);
      })
    );
  return command;
}

function hostAndPort(value: string): HostAndPort {
  const address = parseHostPort(value, sshPort);
  if (!address) {
    throw new InvalidArgumentError('Give HOST:PORT.');
  }
  return address;
}
