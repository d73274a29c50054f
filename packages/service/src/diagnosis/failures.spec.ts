import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { failureCodes, stages } from '@underpass/protocol';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

interface Row {
  code: string;
  stage: string;
  meaning: string;
  fix: string;
}

function documented(): Row[] {
  return readFileSync(join(root, 'docs/failures.md'), 'utf8')
    .split('\n')
    .filter(line => line.startsWith('| `'))
    .map(line => {
      const [, code = '', stage = '', meaning = '', fix = ''] = line
        .split('|')
        .map(cell => cell.trim());
      return { code: code.replaceAll('`', ''), stage, meaning, fix };
    });
}

function sources(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(
      name =>
        name.endsWith(ending) &&
        !name.endsWith('.spec.ts') &&
        !/(^|\/)tests\//.test(name)
    )
    .map(name => readFileSync(join(root, folder, name), 'utf8'));
}

/** Words that stand where a failure's code does. */
function codesIn(text: string, ...before: RegExp[]): string[] {
  return before.flatMap(pattern =>
    [...text.matchAll(pattern)].map(([, code = '']) => code)
  );
}

test('the table of failures has each code once, with a stage, a meaning and what to do', () => {
  const rows = documented();
  assert.deepEqual(
    rows.map(({ code }) => code).sort(),
    [...failureCodes].sort()
  );
  for (const { code, stage, meaning, fix } of rows) {
    assert.ok(['request', 'any', ...stages].includes(stage), code);
    assert.match(meaning, /\.$/, code);
    assert.match(fix, /\.$/, code);
  }
});

test('Python says no code that is not among them', () => {
  const used = [
    ...sources('python/underpass', '.py'),
    ...sources('jupyterlab_underpass', '.py')
  ].flatMap(text =>
    codesIn(
      text,
      /\bfail\(\s*"([a-z0-9-]+)"/g,
      /\blogin_failed\(\s*"([a-z0-9-]+)"/g,
      /"((?:tls|login|server|database)-[a-z-]+)"/g,
      /"code": "([a-z0-9-]+)"/g
    )
  );
  assert.ok(used.length > 60, String(used.length));
  const unknown = used.filter(
    code => !(failureCodes as readonly string[]).includes(code)
  );
  assert.deepEqual(unknown, []);
});

test('each code is said by somebody', () => {
  const all = [
    ...sources('python/underpass', '.py'),
    ...sources('jupyterlab_underpass', '.py'),
    ...sources('packages/service/src', '.ts')
  ].join('\n');
  const silent = failureCodes.filter(
    code => !all.includes(`'${code}'`) && !all.includes(`"${code}"`)
  );
  assert.deepEqual(silent, []);
});
