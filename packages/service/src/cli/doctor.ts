import { Command } from 'commander';

import { ServiceClient } from '../rpc/client.js';
import { connectToService } from '../rpc/launch.js';
import {
  type Check,
  examine,
  type Finding,
  type Patient
} from './doctor/finding.js';
import {
  clock,
  environmentVariables,
  versions
} from './doctor/installation.js';
import { integrations } from './doctor/integrations.js';
import { ports } from './doctor/ports.js';
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
  ports,
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
            const asText = asReport === true || anonymous;
            const findings = await examineAll(
              { environment: process.env, folder, names, all },
              finding => {
                if (!output.json && !asText) {
                  describe(finding).forEach(line =>
                    output.item(finding, () => line)
                  );
                }
              }
            );
            const ok = !findings.some(({ outcome }) => outcome === 'failed');
            if (asText) {
              const text = report(findings, anonymous);
              output.result({ ok, report: text }, () => [text]);
            } else {
              output.result({ ok, findings }, () => summary(findings));
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

/** @param say told of each finding at once: some take their time */
async function examineAll(
  patient: Omit<Patient, 'service'>,
  say: (finding: Finding) => void
): Promise<Finding[]> {
  const findings: Finding[] = [];
  let opened: Promise<ServiceClient> | undefined;
  const open = async () =>
    ServiceClient.open(await connectToService(), 'underpass doctor');
  for (const check of checks) {
    const found = await examine(check, {
      ...patient,
      service: () => (opened ??= open())
    });
    found.forEach(say);
    findings.push(...found);
    if (
      check === service.service &&
      found.some(({ outcome }) => outcome === 'failed')
    ) {
      // Nobody waits once more for each of the checks that follow.
      opened = Promise.reject(new Error('no service'));
      opened.catch(() => undefined);
    }
  }
  opened?.then(
    client => client.close(),
    () => undefined
  );
  return findings;
}

const styles: Record<Finding['outcome'], Style> = {
  ok: 'good',
  warning: 'warning',
  failed: 'bad',
  skipped: 'quiet'
};

const outcomeWidth = 9;
const width = Math.max(...checks.map(({ name }) => name.length)) + 2;

function describe({ check, outcome, message, fix }: Finding): Line[] {
  const [first = '', ...more] = message.split('\n');
  return [
    [
      paint(styles[outcome], outcome.padEnd(outcomeWidth)),
      paint('heading', check.padEnd(width)),
      first
    ],
    ...[...more, ...(fix ? [`→ ${fix}`] : [])].map(
      line => `${' '.repeat(outcomeWidth + width)}${line}`
    )
  ];
}

function summary(findings: readonly Finding[]): Line[] {
  const count = (wanted: Finding['outcome']) =>
    findings.filter(({ outcome }) => outcome === wanted).length;
  return [
    '',
    count('failed') + count('warning') === 0
      ? paint('good', 'All is well.')
      : `${count('failed')} failed, ${count('warning')} warning(s).`
  ];
}
