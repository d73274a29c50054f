import { Command } from 'commander';

import { ServiceClient } from '../rpc/client.js';
import { connectToService } from '../rpc/launch.js';
import { type Check, examine, type Finding } from './doctor/finding.js';
import {
  clock,
  environmentVariables,
  versions
} from './doctor/installation.js';
import { integrations } from './doctor/integrations.js';
import { report } from './doctor/report.js';
import * as service from './doctor/service.js';
import { diskSpace, folders } from './doctor/storage.js';
import { withExamples } from './examples.js';
import { type Line, paint, type Style } from './screen.js';
import { withShell } from './session.js';

const checks: readonly Check[] = [
  versions,
  clock,
  environmentVariables,
  folders,
  diskSpace,
  service.service,
  service.upgrade,
  service.files,
  service.vault,
  service.key,
  service.policy,
  service.questions,
  service.ports,
  integrations
];

interface DoctorOptions {
  all?: boolean;
  report?: boolean;
  anonymous?: boolean;
}

export function doctorCommand(): Command {
  return withExamples(
    new Command('doctor')
      .argument('[names...]', 'integrations to test as well')
      .description('Find out what is wrong, and say what to do about it')
      .option(
        '--all',
        'test all integrations that are connected to the project'
      )
      .option('--report', 'print a text for a bug report, without secrets')
      .option('--anonymous', 'in it, also without names of hosts and of people')
      .action(
        withShell(
          async (
            { output, folder },
            names: string[],
            { all = false, report: asReport, anonymous = false }: DoctorOptions
          ) => {
            const findings: Finding[] = [];
            const client = connection();
            try {
              for (const check of checks) {
                findings.push(
                  ...(await examine(check, {
                    environment: process.env,
                    folder,
                    names,
                    all,
                    service: client.get
                  }))
                );
              }
            } finally {
              client.close();
            }
            const ok = !findings.some(({ outcome }) => outcome === 'failed');
            if (asReport || anonymous) {
              const text = report(findings, anonymous);
              output.result({ ok, report: text }, () => [text]);
            } else {
              output.result({ ok, findings }, () => describe(findings));
            }
            process.exitCode = ok ? 0 : 1;
          }
        )
      ),
    'underpass doctor',
    'underpass doctor "My DB"',
    'underpass doctor --all --json',
    'underpass doctor --report --anonymous > report.md'
  );
}

/** One connection for all checks, made by the first that needs it; that it can not be made is said to each. */
function connection() {
  let opened: Promise<ServiceClient> | undefined;
  const open = async () =>
    ServiceClient.open(await connectToService(), 'underpass doctor');
  return {
    get: () => (opened ??= open()),
    close: () => {
      opened?.then(
        client => client.close(),
        () => undefined
      );
    }
  };
}

const styles: Record<Finding['outcome'], Style> = {
  ok: 'good',
  warning: 'warning',
  failed: 'bad',
  skipped: 'quiet'
};

function describe(findings: readonly Finding[]): Line[] {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const count = (wanted: Finding['outcome']) =>
    findings.filter(({ outcome }) => outcome === wanted).length;
  return [
    ...findings.flatMap(({ check, outcome, message, fix }): Line[] => {
      const [first = '', ...more] = message.split('\n');
      return [
        [
          paint(styles[outcome], outcome.padEnd(8)),
          paint('heading', check.padEnd(width)),
          `  ${first}`
        ],
        ...[...more, ...(fix ? [`→ ${fix}`] : [])].map(
          line => `${' '.repeat(8 + width)}  ${line}`
        )
      ];
    }),
    '',
    count('failed') + count('warning') === 0
      ? paint('good', 'All is well.')
      : `${count('failed')} failed, ${count('warning')} warning(s).`
  ];
}
