/**
 * Run the unit tests, which stand beside the code: `node scripts/unit-tests.mjs [REPORT]`.
 *
 * REPORT receives a JUnit report; `.build/reports/unit.xml` where it is not given.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const report = resolve(
  process.argv[2] ?? join(root, '.build/reports/unit.xml')
);

const folders = [
  'src',
  ...readdirSync(join(root, 'packages')).map(name => `packages/${name}/src`)
];
const specs = folders.flatMap(folder =>
  readdirSync(join(root, folder), { recursive: true })
    .filter(name => name.endsWith('.spec.ts'))
    .map(name => `${folder}/${name}`)
);
mkdirSync(dirname(report), { recursive: true });

const { status } = spawnSync(
  process.execPath,
  [
    ...['--import', 'tsx', '--test'],
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...['--test-reporter=junit', `--test-reporter-destination=${report}`],
    ...specs
  ],
  { cwd: root, stdio: 'inherit' }
);
process.exit(status ?? 1);
