import type { Integration } from '@underpass/protocol';
import { Command } from 'commander';

import { withExamples } from '../examples.js';
import { stateOf } from '../forwardState.js';
import { paint, type Piece } from '../screen.js';
import { withService } from '../session.js';
import { wordsOf } from './marks.js';

export function showCommand(): Command {
  return withExamples(
    new Command('show')
      .argument('<name>', 'the integration')
      .description('Show an integration; secrets are only said to be set')
      .action(
        withService(async ({ client, output, folder }, name: string) => {
          const integration = await client.request(
            'underpass/integrations/get',
            { folder, integration: name }
          );
          output.result(integration, () => output.table(rows(integration)));
        })
      ),
    'underpass integration show "My DB"',
    'underpass integration show "My DB" --json'
  );
}

function rows(integration: Integration): Piece[][] {
  const {
    forward,
    aliases,
    secretsUnreadable = [],
    secretsFailure
  } = integration;
  const marks = wordsOf(integration.marks);
  return [
    ['name', integration.name],
    ...(aliases.length > 0 ? [['former names', aliases.join(', ')]] : []),
    ['type', integration.type],
    ['connected', integration.connected ? 'yes' : 'no'],
    ...(marks.length > 0 ? [['marked', marks.join(', ')]] : []),
    ...Object.entries(integration.fields).map(([field, value]) => [
      field,
      typeof value === 'string' ? value : JSON.stringify(value)
    ]),
    ...integration.secretsSet.map(field => [
      field,
      secretsUnreadable.includes(field)
        ? paint('bad', '(can not be decrypted: enter it again)')
        : paint('quiet', '(set)')
    ]),
    ...(secretsFailure
      ? [['secrets', paint('bad', secretsFailure.message)]]
      : []),
    ...(forward
      ? [
          ['variables', `${integration.environmentPrefix}_LOCAL_HOST, …`],
          [
            'forward',
            `${forward.localHost}:${forward.localPort} → ${forward.bastion} → ${forward.remoteHost}:${forward.remotePort}`
          ],
          ['state', stateOf(forward.state)]
        ]
      : [])
  ];
}
