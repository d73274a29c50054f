import { setTimeout as pause } from 'node:timers/promises';

import type { Results } from '@underpass/protocol';
import { Command } from 'commander';

import type { ServiceClient } from '../rpc/client.js';
import { withExamples } from './examples.js';
import { stateOf } from './forwardState.js';
import { age, size } from './humanize.js';
import type { Output } from './output.js';
import { type Line, paint, type Piece } from './screen.js';
import { withRunningService } from './session.js';

type Status = Results['underpass/status'];

/** Milliseconds after which `--watch` looks without a hint: ages and sizes grow silently. */
const watchInterval = 2000;

const clearScreen = '\u001b[H\u001b[2J';

export function statusCommand(): Command {
  return withExamples(
    new Command('status')
      .description('Show the sessions and forwards that are open')
      .option('-w, --watch', 'go on showing them as they change')
      .action(
        withRunningService(
          async ({ client, output }, { watch }: { watch?: boolean }) => {
            if (!client) {
              output.result({ running: false }, () => [
                'No tunnel service runs. It is started when somebody needs it.'
              ]);
            } else if (watch) {
              await watchStatus(client, output);
            } else {
              const status = await client.request('underpass/status', {});
              output.result({ running: true, ...status }, () =>
                describe(status, output)
              );
            }
          }
        )
      ),
    'underpass status',
    'underpass status --watch',
    'underpass status --json'
  );
}

/** Until the service ends or the person has seen enough. */
async function watchStatus(
  client: ServiceClient,
  output: Output
): Promise<void> {
  let open = true;
  let wake = () => {};
  client.onClose(() => {
    open = false;
    wake();
  });
  client.onChanged(() => wake());
  while (open) {
    const hint = new AbortController();
    wake = () => hint.abort();
    const status = await client.request('underpass/status', {});
    if (output.json) {
      output.item({ running: true, ...status }, () => '');
    } else {
      if (process.stdout.isTTY) {
        process.stdout.write(clearScreen);
      }
      output.result(status, () => describe(status, output));
    }
    await pause(watchInterval, undefined, { signal: hint.signal }).catch(
      () => undefined
    );
  }
  output.remark('The tunnel service ended.');
}

function describe(status: Status, output: Output): Line[] {
  return [
    `Tunnel service ${status.serviceVersion}, process ${status.pid}, since ${age(status.since)}`,
    `Workspace ${status.workspace}`,
    ...(status.bundle.replaced
      ? [
          paint(
            'warning',
            'It was upgraded since it started: underpass stop ends it, and its next user starts the new one.'
          )
        ]
      : []),
    ...section(output, 'Sessions', [
      ['BASTION', 'USER', 'STATE', 'FORWARDS', 'SENT', 'RECEIVED', 'SINCE'],
      ...status.sessions.map((session): Piece[] => [
        session.bastion,
        session.user,
        session.state,
        String(session.forwards),
        size(session.bytesSent),
        size(session.bytesReceived),
        session.since ? age(session.since) : '-'
      ])
    ]),
    ...section(output, 'Forwards', [
      [
        'INTEGRATION',
        'LOCAL',
        'REMOTE',
        'STATE',
        'SENT',
        'RECEIVED',
        'USED BY'
      ],
      ...status.forwards.map((forward): Piece[] => [
        forward.integration,
        `${forward.localHost}:${forward.localPort}`,
        `${forward.remoteHost}:${forward.remotePort}`,
        stateOf(forward.state),
        size(forward.bytesSent),
        size(forward.bytesReceived),
        forward.heldBy
          .map(({ name, since }) => `${name} (${age(since)})`)
          .join(', ') || '-'
      ])
    ])
  ];
}

function section(
  output: Output,
  title: string,
  rows: readonly Piece[][]
): Line[] {
  return rows.length > 1
    ? [
        '',
        paint('heading', title),
        ...output.table(rows, { header: true, whole: [1] })
      ]
    : ['', paint('quiet', `${title}: none`)];
}
