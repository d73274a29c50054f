/**
 * The program itself: versions that belong together, the clock, the environment that it was started in.
 */
import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { promisify } from 'node:util';

import { systemCode } from '../../serviceError.js';
import { version } from '../../version.js';
import { isSecretName, withoutLogin } from './report.js';
import { type Check, failed, ok, type Remark, warning } from './finding.js';

/** Milliseconds for Python to say its version. */
const patience = 20_000;
const oldestNode = 20;
const upgrade = `pip install --force-reinstall underpass==${version}`;

export const versions: Check = {
  name: 'versions',
  look: async ({ environment }) => {
    const node = process.versions.node;
    return [
      Number(node.split('.')[0]) >= oldestNode
        ? ok(`underpass ${version}, Node.js ${node} (${process.execPath})`)
        : failed(
            `Node.js ${node} (${process.execPath}) is too old.`,
            "pip install 'underpass[node]'"
          ),
      await python(environment)
    ];
  }
};

/** The Python that this command was started by, which the command passes on. */
async function python(environment: NodeJS.ProcessEnv): Promise<Remark> {
  const program = environment.UNDERPASS_PYTHON;
  if (!program) {
    return warning(
      'This was not started by the underpass command of Python.',
      'Run it as underpass doctor, or python -m underpass doctor.'
    );
  }
  const script =
    'import json, sys, underpass; print(json.dumps([sys.version.split()[0], underpass.__version__]))';
  try {
    // Not here: Python would import what lies in this folder.
    const { stdout } = await promisify(execFile)(program, ['-c', script], {
      cwd: '/',
      timeout: patience
    });
    const [own, ours] = JSON.parse(stdout) as [string, string];
    return ours === version
      ? ok(`Python ${own} (${program})`)
      : failed(
          `The Python package is underpass ${ours}, and its service ${version}.`,
          upgrade
        );
  } catch (error) {
    return failed(
      `${program} can not import underpass (${systemCode(error) ?? 'it fails'}).`,
      upgrade
    );
  }
}

export const clock: Check = {
  name: 'clock',
  look: () => {
    const built = statSync(process.argv[1] ?? '').mtimeMs;
    return [
      Date.now() < built - 86_400_000
        ? failed(
            `The clock says ${new Date().toISOString()}, which is before this program was made: certificates will seem invalid.`,
            'Set the clock.'
          )
        : ok(new Date().toISOString())
    ];
  }
};

/** What else may be set, besides our own. */
const notable =
  /^((https?|all|no)_proxy|jupyter_.*|node_options|node_extra_ca_certs|ssl_cert_(file|dir)|requests_ca_bundle|lc_all|lang)$/i;

const ours = new Set(
  [
    'HOME',
    'RUNTIME_DIR',
    'PROJECT',
    'PYTHON',
    'PRIVATE_KEY_FILE',
    'POLICY_FILE',
    'LINGER'
  ].map(name => `UNDERPASS_${name}`)
);

export const environmentVariables: Check = {
  name: 'environment',
  look: ({ environment }) => {
    const set = Object.entries(environment)
      .filter(([name]) => ours.has(name) || notable.test(name))
      .map(
        ([name, value = '']) =>
          `${name}=${isSecretName(name) ? '(set)' : withoutLogin(value)}`
      )
      .sort();
    return [
      ok(set.length > 0 ? set.join('\n') : 'Nothing that matters is set.'),
      ...proxies(environment),
      ...folders(environment)
    ];
  }
};

/** Drivers that speak HTTP would send what goes to a forward to the proxy. */
function proxies(environment: NodeJS.ProcessEnv): Remark[] {
  const value = (name: string) =>
    environment[name] || environment[name.toUpperCase()];
  const proxy = value('http_proxy') ?? value('all_proxy');
  const exceptions = value('no_proxy') ?? '';
  return proxy && !/(^|[,\s])(\*|127\.0\.0\.1|127\.|localhost)/.test(exceptions)
    ? [
        warning(
          'A proxy is set for HTTP, without an exception for this machine: other clients of yours may send what goes to a forward to the proxy.',
          'export no_proxy=localhost,127.0.0.1'
        )
      ]
    : [];
}

function folders(environment: NodeJS.ProcessEnv): Remark[] {
  return ['UNDERPASS_PROJECT', 'UNDERPASS_PRIVATE_KEY_FILE'].flatMap(name => {
    const path = environment[name];
    return path && !existsSync(path)
      ? [
          failed(
            `${name} is ${path}, which does not exist.`,
            `Correct ${name}, or unset it.`
          )
        ]
      : [];
  });
}
