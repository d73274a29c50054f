import { Command, InvalidArgumentError, Option } from 'commander';

import { findPaths } from '../workspace/paths.js';
import { withExamples } from './examples.js';
import {
  describeEntry,
  type Entry,
  isWanted,
  type Level,
  levels,
  parseEntry
} from './logs/entry.js';
import { follow, readLines } from './logs/follow.js';
import { withShell } from './session.js';

interface LogsOptions {
  follow?: boolean;
  since?: number;
  level: Level;
}

export function logsCommand(): Command {
  return withExamples(
    new Command('logs')
      .description('Print the log of the tunnel service, which need not run')
      .option('-f, --follow', 'go on with what is written from now on')
      .option(
        '--since <when>',
        'from then on: 10min, 2h, 1d or 2026-01-31T13:00',
        moment
      )
      .addOption(
        new Option('--level <level>', 'as bad as this at least')
          .choices(levels)
          .default('info')
      )
      .action(
        withShell(async ({ output }, options: LogsOptions) => {
          const { log } = findPaths();
          const wanted = (entry: Entry) =>
            isWanted(entry, options.since, options.level);
          const { lines, end } = readLines(log);
          const before = lines.map(parseEntry).filter(wanted);
          if (!options.follow) {
            output.result(before.map(asJson), () =>
              before.length > 0
                ? before.map(describeEntry)
                : [`There is nothing in ${log}.`]
            );
            return;
          }
          const print = (entry: Entry) =>
            output.item(asJson(entry), () => describeEntry(entry));
          before.forEach(print);
          const interrupted = new AbortController();
          const stop = () => interrupted.abort();
          process.once('SIGINT', stop);
          process.once('SIGTERM', stop);
          for await (const line of follow(log, end, interrupted.signal)) {
            const entry = parseEntry(line);
            if (wanted(entry)) {
              print(entry);
            }
          }
        })
      ),
    'underpass logs --since 10min',
    'underpass logs --follow --level warning'
  );
}

const asJson = ({ time, level, event, rest }: Entry) => ({
  ...(time === undefined ? {} : { time: new Date(time).toISOString() }),
  ...(level ? { level } : {}),
  event,
  ...rest
});

const seconds: Record<string, number> = {
  s: 1,
  sec: 1,
  m: 60,
  min: 60,
  h: 3600,
  d: 86_400
};

/** @returns milliseconds since 1970 */
function moment(value: string): number {
  const [, count, unit = ''] = /^(\d+) ?([a-z]+)$/.exec(value) ?? [];
  const length = seconds[unit];
  if (count !== undefined && length !== undefined) {
    return Date.now() - Number(count) * length * 1000;
  }
  const time = Date.parse(value);
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError(
      'Give 10min, 2h, 1d or a time such as 2026-01-31T13:00.'
    );
  }
  return time;
}
