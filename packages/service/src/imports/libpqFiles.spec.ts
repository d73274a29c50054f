import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { certificatePem } from '../testing/certificates.js';
import { parsePgpass, passwordFor } from './pgpass.js';
import { ownFiles } from './ownFiles.js';
import { readOwn, readText } from './read.js';
import { parseServiceFile } from './serviceFile.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'underpass-libpq-'));
});
afterEach(() => rmSync(home, { recursive: true }));

function write(name: string, text: string, mode = 0o600): string {
  const path = join(home, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const own = () => readOwn(ownFiles({}, home));

test('a password file is read with escapes, wildcards and comments, as libpq does', () => {
  const { lines, unreadable } = parsePgpass(
    [
      '# comment:with:four:colons:here',
      '',
      'db.internal:5432:shop:me:pass\\:wo\\\\rd',
      '*:*:*:me:any\r',
      '\\*:5432:a\\:b:me:star',
      'db:5432:shop:me:ends:here',
      'too:few:colons',
      ' # no comment:5432:shop:me:x',
      '::1:5432:shop:me',
      '\\:\\:1:5432:shop:me:six'
    ].join('\n')
  );
  const shown = lines.map(line => [
    line.number,
    line.host,
    line.database,
    line.password
  ]);
  assert.deepEqual(shown, [
    [3, 'db.internal', 'shop', 'pass:wo\\rd'],
    [4, undefined, undefined, 'any'],
    [5, '*', 'a:b', 'star'],
    [6, 'db', 'shop', 'ends'],
    [8, ' # no comment', 'shop', 'x'],
    [9, '', '1', 'shop'],
    [10, '::1', 'shop', 'six']
  ]);
  assert.deepEqual(unreadable, [7]);
});

test('the first line that fits gives the password', () => {
  const pgpass = parsePgpass(
    'db:5432:shop:me:first\n*:*:*:me:second\n*:*:*:*:third'
  );
  const login = { host: 'db', port: '5432', database: 'shop', user: 'me' };
  assert.equal(passwordFor(pgpass, login), 'first');
  assert.equal(passwordFor(pgpass, { ...login, port: '5433' }), 'second');
  assert.equal(passwordFor(pgpass, { ...login, user: 'you' }), 'third');
});

test('of services with one name, and words that are there twice, the first counts', () => {
  const services = parseServiceFile(
    '# ours\n[shop]\nhost=a\nhost=b\n  user=me  \n\n[shop]\nhost=c\n[other]\n#host=x\nport=1\n'
  );
  assert.deepEqual(
    services.map(({ name, line, words }) => [name, line, [...words]]),
    [
      [
        'shop',
        2,
        [
          ['host', 'a'],
          ['user', 'me']
        ]
      ],
      ['other', 9, [['port', '1']]]
    ]
  );
});

test('what libpq refuses in a service is said, without the line itself', () => {
  const [service] = parseServiceFile(
    '[shop]\nhost=db\npassword = hunter2\nnonsense\nservice=other\nldap://directory\n'
  );
  assert.deepEqual(
    service?.problems.map(problem => /^Line \d/.exec(problem)?.[0]),
    ['Line 3', 'Line 4', 'Line 5', 'Line 6']
  );
  assert.ok(!JSON.stringify(service.problems).includes('hunter2'));
});

test('a service becomes an integration: TLS, options, and its password from the password file', () => {
  write('.pgpass', 'db.internal:5433:shop:me:pass\\:word\n');
  write(
    '.pg_service.conf',
    `[Shop]\nhost=db.internal\nport=5433\nuser=me\ndbname=shop\nsslmode=verify-full\nsslrootcert=${write('ca.pem', certificatePem)}\napplication_name=report\nconnect_timeout=5\n`,
    0o644
  );
  const [service, line] = own().entries;
  assert.deepEqual(service, {
    id: `0-service-1`,
    name: 'Shop',
    origin: '.pg_service.conf, [Shop]',
    type: 'postgresql',
    fields: {
      host: 'db.internal',
      port: 5433,
      user: 'me',
      database: 'shop',
      sslMode: 'strict',
      caCertificate: certificatePem,
      options: { application_name: 'report', connect_timeout: '5' }
    },
    secrets: { password: 'pass:word' },
    remarks: []
  });
  assert.equal(line?.name, 'shop');
  assert.equal(line.origin, '.pgpass, line 1');
});

test('a service of another machine names files that are not here: they are asked for', () => {
  const { entries } = readText(
    '[x]\nhost=db\nuser=me\nsslmode=verify-full\nsslrootcert=/etc/ca.pem\ngssencmode=disable\n'
  );
  const [entry] = entries;
  assert.equal(entry?.fields.caCertificate, undefined);
  assert.equal(entry?.fields.options, undefined);
  const said = entry?.remarks.join('\n') ?? '';
  assert.match(said, /sslrootcert names a file: paste its content/);
  assert.match(said, /gssencmode was left out/);
  assert.match(said, /libpq takes that of the user, me/);
});

test('wildcards and sockets are left to the person', () => {
  const { entries } = readText(
    '*:*:shop:me:pw\n/var/run/postgresql:5432:shop:me:pw\n'
  );
  const [wild, socket] = entries;
  assert.deepEqual(wild?.fields, { user: 'me', database: 'shop' });
  assert.match(wild?.remarks.join() ?? '', /holds for any host and port/);
  assert.equal(socket?.fields.host, undefined);
  assert.match(socket?.remarks.join() ?? '', /socket of its own machine/);
});

test('a password file that others may read is not used, as by libpq', () => {
  const path = write('.pgpass', 'db:5432:shop:me:pw\n', 0o640);
  const { entries, files } = own();
  assert.deepEqual(entries, []);
  const failure = files.find(file => file.path === path)?.failure;
  assert.equal(failure?.code, 'import-failed');
  assert.equal(failure.fix, `Make it yours alone: chmod 600 ${path}`);
});

test('files that are not there are told as such', () => {
  assert.deepEqual(
    own().files.map(({ found }) => found),
    [false, false]
  );
  const elsewhere = ownFiles(
    { PGPASSFILE: '/p', PGSERVICEFILE: '/s', PGSYSCONFDIR: '/etc/pg' },
    home
  );
  assert.deepEqual(elsewhere, {
    passwords: '/p',
    services: ['/s', join('/etc/pg', 'pg_service.conf')]
  });
});

test('text that is neither is refused, and not quoted', () => {
  assert.throws(
    () => readText('hunter2'),
    (error: unknown) => {
      assert.ok(error instanceof ServiceError);
      assert.equal(error.failure.code, 'import-failed');
      assert.ok(!JSON.stringify(error.failure).includes('hunter2'));
      return true;
    }
  );
});
