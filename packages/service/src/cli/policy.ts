import { features, type Feature } from '@underpass/protocol';
import { Command } from 'commander';

import { withExamples } from './examples.js';
import { table } from './output.js';
import { paint } from './screen.js';
import { withService } from './session.js';

const labels: { [F in Feature]: string } = {
  sshTunnels: 'SSH tunnels',
  genericTunnel: 'Integrations of the type SSH tunnel',
  caUpload: 'Uploaded CA certificates',
  egress: 'Egress addresses'
};

export function policyCommand(): Command {
  const command = new Command('policy').description(
    'What the administrator has switched off'
  );
  const show = command
    .command('show')
    .description('Show what is allowed, who decided so, and what is wrong')
    .action(
      withService(async ({ client, output }) => {
        const policy = await client.request('underpass/policy/show', {});
        output.result(policy, () => [
          ...table(
            features.map(feature => [
              labels[feature],
              policy[feature]
                ? paint('good', 'allowed')
                : paint('bad', 'switched off')
            ])
          ),
          ...(policy.from.length > 0
            ? ['', `Switched off by: ${policy.from.join(', ')}`]
            : []),
          ...(policy.problems.length > 0
            ? [
                '',
                ...policy.problems.map(problem =>
                  paint('warning', `! ${problem}`)
                )
              ]
            : [])
        ]);
      })
    );
  withExamples(show, 'underpass policy show', 'underpass policy show --json');
  return command;
}
