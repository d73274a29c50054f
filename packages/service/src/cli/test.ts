import { stages, type TestStage } from '@underpass/protocol';
import { Argument, Command, Option } from 'commander';

import { fail } from '../serviceError.js';
import { withExamples } from './examples.js';
import { answerMeanwhile } from './hostKeyQuestion.js';
import { paint, type Piece } from './screen.js';
import { type Terminal, withService } from './session.js';

interface Options {
  until?: (typeof stages)[number];
}

export function testCommand(): Command {
  return withExamples(
    new Command('test')
      .addArgument(new Argument('<name>', 'the integration'))
      .addOption(
        new Option('--until <stage>', 'the last stage to run').choices(stages)
      )
      .description('Walk the way to the server and say how far it goes')
      .addHelpText(
        'after',
        `\nStages: ${stages.join(', ')}.\nThe last three are the database's own, run by its driver in this Python.`
      )
      .action(
        withService(
          async (terminal, name: string, options: Options) =>
            test(terminal, name, options),
          { approves: true }
        )
      ),
    'underpass test "My DB"',
    'underpass test "My DB" --until forward',
    'underpass test "My DB" --json'
  );
}

async function test(
  terminal: Terminal,
  reference: string,
  { until }: Options
): Promise<void> {
  const { client, output, folder } = terminal;
  const { id, name } = await client.request('underpass/integrations/get', {
    folder,
    integration: reference
  });
  answerMeanwhile(terminal, [name]);
  if (!output.json) {
    client.onTestStage(stage => say(terminal, stage));
  }
  // Set by what starts this program: the Python that `underpass` is installed in.
  const { UNDERPASS_PYTHON: program, PYTHONPATH: path } = process.env;
  const report = await client.request('underpass/integrations/test', {
    integration: id,
    ...(program ? { python: { program, ...(path ? { path } : {}) } } : {}),
    ...(until ? { until } : {})
  });
  output.result(report, () => [
    ...report.skipped.map(({ stage, reason }) =>
      row('-', stage, '', reason).map(piece =>
        typeof piece === 'string' ? paint('quiet', piece) : piece
      )
    ),
    ...(report.ok
      ? [
          paint(
            'good',
            `"${name}" works${report.skipped.length > 0 ? ' as far as it was tested' : ''}.`
          )
        ]
      : [])
  ]);
  const last = report.stages.at(-1);
  if (last && !last.ok) {
    const { code, stage, message, fix, detail } = last.failure;
    throw fail(code, stage, message, fix, detail);
  }
}

function say(
  { output }: Terminal,
  { stage, state, message, milliseconds }: TestStage
): void {
  if (state === 'began') {
    if (message) {
      output.remark(`${stage}: ${message}`);
    }
    return;
  }
  const time = milliseconds === undefined ? '' : `${milliseconds} ms`;
  output.item(undefined, () =>
    row(
      state === 'passed' ? paint('good', 'ok') : paint('bad', 'FAILED'),
      stage,
      time,
      message ?? ''
    )
  );
}

/** Widths that hold whatever comes: the lines are printed one by one. */
function row(
  mark: Piece,
  stage: string,
  time: string,
  message: string
): Piece[] {
  const gap = ' '.repeat(
    Math.max(1, 8 - (typeof mark === 'string' ? mark : mark.text).length)
  );
  return [
    mark,
    `${gap}${stage.padEnd(14)}${time.padStart(11)}${message ? `  ${message}` : ''}`
  ];
}
