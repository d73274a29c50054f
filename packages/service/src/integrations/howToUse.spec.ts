import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import type { Fields } from './define.js';
import { definitions } from './registry.js';

const odd = `a b'"\\$(touch x)\`touch x\`%s{y};#&\n!é`;

/** Fields of any type, each text of them `value`. */
function fieldsOf(value: string, sslMode: string): Fields {
  return {
    host: 'db.internal',
    port: 1234,
    sslMode,
    sshEnabled: true,
    sshHost: 'bastion',
    sshPort: 22,
    sshUser: value,
    remoteHost: 'service',
    remotePort: 443,
    caCertificate: 'PEM',
    clientCertificate: 'PEM',
    ...Object.fromEntries(
      [
        ...['user', 'database', 'schema', 'catalog', 'authSource'],
        ...['project', 'account', 'warehouse', 'role']
      ].map(field => [field, value])
    )
  };
}

const name = `O'Neil "$(touch x)"`;

/** Type, code and title. */
function texts(language: string, value: string): [string, string, string][] {
  return ['preferred', 'required', 'strict'].flatMap(sslMode =>
    definitions.flatMap(({ id, howToUse }) =>
      howToUse({
        name,
        prefix: 'P',
        fields: fieldsOf(value, sslMode)
      })
        .filter(text => text.language === language)
        .map(({ title, code }): [string, string, string] => [id, code, title])
    )
  );
}

/** What a shell gives its commands, each of them replaced by one that says so. */
function argumentsIn(code: string): string[] {
  const said = execFileSync(
    'bash',
    [
      '--norc',
      '-c',
      `say() { printf '%s\\0' "$@" >&3; }; for name in psql mysql mariadb mongosh sqlcmd curl touch; do
        eval "$name() { say $name \\"\\$@\\"; }"; done; exec 3>&1 >/dev/null; ${code}`
    ],
    { input: '', encoding: 'utf8', env: { PATH: '/usr/bin:/bin' } }
  );
  return said.split('\0').slice(0, -1);
}

test('a shell is given odd values as they are, and runs nothing of them', () => {
  for (const [id, code] of texts('shell', odd)) {
    const said = argumentsIn(code);
    assert.ok(!said.includes('touch'), `${id}: ${code}`);
    if (id !== 'ssh-tunnel') {
      const inWords = said.some(
        word => word === odd || word === `--user=${odd}`
      );
      const quoted = `user='${odd.replace(/['\\]/g, '\\$&')}'`;
      assert.ok(
        inWords || said.some(word => word.includes(quoted)),
        `${id}: ${JSON.stringify(said)}`
      );
    }
  }
});

test('Python reads odd values as they are', () => {
  const program = `
import ast, json, sys
for code in json.load(sys.stdin):
    names = {node.func.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    print(json.dumps(sorted(names)))
    texts = [node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant)]
    print(json.dumps(texts))
`;
  const python = texts('python', odd);
  const lines = execFileSync('python3', ['-c', program], {
    input: JSON.stringify(python.map(([, code]) => code)),
    encoding: 'utf8'
  }).split('\n');
  python.forEach(([id, , title], index) => {
    const calls = JSON.parse(lines[index * 2] ?? '') as string[];
    assert.ok(!calls.includes('touch'), id);
    const found = JSON.parse(lines[index * 2 + 1] ?? '') as unknown[];
    if (id !== 'ssh-tunnel' && !title.startsWith('With ')) {
      // The name says it all.
      assert.ok(found.includes(name), `${id}: ${title}`);
    } else if (id === 'sqlserver') {
      const braced = odd.replaceAll('}', '}}');
      assert.ok(
        found.some(text => String(text).includes(braced)),
        id
      );
    } else if (id !== 'ssh-tunnel') {
      assert.ok(found.includes(odd), id);
    }
  });
});
