import assert from 'node:assert/strict';
import { test } from 'node:test';

import { asFailure } from '../serviceError.js';
import { parseConnectionUrl } from './connectionUrl.js';
import type { IntegrationDefinition } from './define.js';
import { driverOptions } from './fields.js';
import { postgresql } from './postgresql.js';
import { sshTunnel } from './sshTunnel.js';

const withOptions: IntegrationDefinition = {
  ...postgresql,
  id: 'with-options',
  label: 'WithOptions',
  urlSchemes: ['withoptions', 'postgres'],
  shape: { ...postgresql.shape, options: driverOptions('a=b') }
};
const { host, port, user, password, database, sslMode } = postgresql.shape;
const withoutOptions: IntegrationDefinition = {
  ...postgresql,
  id: 'without-options',
  urlSchemes: ['withoutoptions'],
  shape: {
    host,
    port,
    user,
    password,
    database,
    sslMode
  } as typeof postgresql.shape
};
const special: IntegrationDefinition = {
  ...postgresql,
  id: 'special',
  label: 'Special',
  urlSchemes: ['special', 'special+srv'],
  fromUrl: url => {
    if (url.includes('broken')) {
      throw new Error(`can not parse ${url}`);
    }
    return { fields: { host: url }, secrets: {} };
  }
};
const known = [postgresql, withOptions, withoutOptions, special, sshTunnel];

const parse = (url: string, preferred?: string) =>
  parseConnectionUrl(url, preferred, known);

function refused(url: string): { message: string; fix: string } {
  try {
    parse(url);
  } catch (error) {
    const failure = asFailure(error);
    assert.equal(failure.code, 'invalid-field');
    assert.deepEqual(failure.detail, { field: 'url' });
    return failure;
  }
  assert.fail('it was taken');
}

test('a URL fills the fields, its password among the secrets', () => {
  assert.deepEqual(parse('postgresql://me:pw@db.internal:6543/shop'), {
    type: 'postgresql',
    fields: { host: 'db.internal', port: 6543, user: 'me', database: 'shop' },
    secrets: { password: 'pw' },
    remarks: []
  });
});

test('what is not in the URL stays for the form', () => {
  assert.deepEqual(parse('postgres://db.internal').fields, {
    host: 'db.internal'
  });
  assert.deepEqual(parse('postgres:///shop').fields, { database: 'shop' });
});

test('names, passwords and databases are percent-decoded', () => {
  const { fields, secrets } = parse(
    'postgresql://b%C3%BCro%40x:p%40%3A%2F%3F%23%25%20@db/my%20shop%2F1'
  );
  assert.deepEqual(fields, {
    user: 'büro@x',
    host: 'db',
    database: 'my shop/1'
  });
  assert.deepEqual(secrets, { password: 'p@:/?#% ' });
});

test('a password may have an unencoded @ and spaces around it are kept', () => {
  assert.deepEqual(parse('postgres://me:p@ss@db/x').secrets, {
    password: 'p@ss'
  });
  assert.deepEqual(parse('postgres://me:%20pw%20@db/x').secrets, {
    password: ' pw '
  });
});

test('IPv6 addresses lose their brackets', () => {
  assert.deepEqual(parse('postgres://me@[2001:db8::1]:5433/x').fields, {
    user: 'me',
    host: '2001:db8::1',
    port: 5433,
    database: 'x'
  });
});

test('schemes are taken without case, in quotes, with jdbc: and with a driver', () => {
  for (const url of [
    '  POSTGRES://db/shop\n',
    '"postgres://db/shop"',
    "'postgres://db/shop'",
    'jdbc:postgresql://db/shop',
    'postgresql+psycopg://db/shop'
  ]) {
    const { type, fields } = parse(url);
    assert.equal(type, 'postgresql', url);
    assert.deepEqual(fields, { host: 'db', database: 'shop' }, url);
  }
});

test('user and password may also be options, as JDBC has them', () => {
  assert.deepEqual(
    parse('jdbc:postgresql://db/shop?user=me&password=p%2Bw&port=1'),
    {
      type: 'postgresql',
      fields: { host: 'db', database: 'shop', user: 'me', port: 1 },
      secrets: { password: 'p+w' },
      remarks: []
    }
  );
});

test('a scheme that several types know goes to its own, or to the preferred one', () => {
  assert.equal(parse('postgres://db').type, 'postgresql');
  assert.equal(parse('postgres://db', 'with-options').type, 'with-options');
  assert.equal(parse('ssh://bastion', 'with-options').type, 'ssh-tunnel');
});

const tls: [string, string, string?][] = [
  ['sslmode=prefer', 'preferred'],
  ['sslmode=require', 'required'],
  ['sslmode=verify-full', 'strict'],
  ['sslMode=VERIFY_IDENTITY', 'strict'],
  ['ssl-mode=REQUIRED', 'required'],
  ['ssl=true&sslmode=verify-full', 'strict'],
  ['sslmode=require&sslrootcert=system', 'strict'],
  ['sslmode=verify-ca', 'strict', 'not the host name'],
  ['sslmode=disable', 'preferred', 'no encryption'],
  ['sslmode=allow', 'preferred', 'insists'],
  ['ssl=true', 'required', 'certificate is checked'],
  ['tls=1', 'required', 'certificate is checked'],
  ['useSSL=false', 'preferred', 'no encryption']
];

for (const [option, mode, remark] of tls) {
  test(`${option} is ${mode}${remark ? ', with a remark' : ''}`, () => {
    const { fields, remarks } = parse(`postgres://db/x?${option}`);
    assert.deepEqual(fields, { host: 'db', database: 'x', sslMode: mode });
    assert.equal(remarks.length, remark ? 1 : 0);
    assert.ok((remarks[0] ?? '').includes(remark ?? ''), remarks[0]);
  });
}

test('files that a URL names are asked for', () => {
  const { fields, remarks } = parse('postgres://db/x?sslrootcert=/ca.pem');
  assert.deepEqual(fields, { host: 'db', database: 'x' });
  assert.match(remarks[0] ?? '', /sslrootcert names a file.*caCertificate/);
});

test('options that are no field are options of the driver, where the type has them', () => {
  assert.deepEqual(
    parse('withoptions://db/x?connect_timeout=3&application_name=a%20b').fields
      .options,
    { connect_timeout: '3', application_name: 'a b' }
  );
  const { fields, remarks } = parse('withoutoptions://db/x?connect_timeout=3');
  assert.deepEqual(fields, { host: 'db', database: 'x' });
  assert.match(remarks[0] ?? '', /connect_timeout was left out/);
});

test('options that look like a secret are never kept in clear text', () => {
  for (const option of ['sslpassword', 'pass']) {
    const { fields, remarks } = parse(`withoptions://db/x?${option}=hunter2`);
    assert.deepEqual(fields, { host: 'db', database: 'x' });
    assert.match(remarks[0] ?? '', new RegExp(`^${option} was left out`));
    assert.doesNotMatch(remarks.join(), /hunter2/);
  }
});

test('a type reads its own URLs, with the driver of its scheme', () => {
  assert.deepEqual(parse('special+srv://x').fields, {
    host: 'special+srv://x'
  });
});

test('an SSH URL fills in the bastion', () => {
  assert.deepEqual(parse('ssh://me@bastion.example.org:2222').fields, {
    sshHost: 'bastion.example.org',
    sshPort: 2222,
    sshUser: 'me'
  });
});

test('unknown schemes are refused with those that are known', () => {
  const { message, fix } = refused('oracle://me:hunter2@db/x');
  assert.match(message, /oracle/);
  assert.match(
    fix,
    /postgresql, postgres, withoptions, withoutoptions, special/
  );
});

for (const [url, said] of [
  ['hunter2', 'not a connection URL'],
  ['postgres:db', 'can not be read'],
  ['postgres://me:hunter2@a:1,b:2/x', 'several hosts'],
  ['postgres://me:hunter2%zz@db/x', 'its password'],
  ['postgres://me:hun/ter2@db/x', 'can not be read'],
  ['postgres://me:12#hunter2@db/x', 'can not be read'],
  ['postgres://me:12/hunter2@db/x', 'can not be read'],
  ['postgres://me:12?hunter2@db/x', 'can not be read'],
  ['postgres://me:hunter2@db:port/x', 'can not be read'],
  ['special://me:hunter2@broken', 'one of Special']
] as const) {
  test(`${url.replace(/hun.?ter2/, '…')} is refused without its password`, () => {
    const { message, fix } = refused(url);
    assert.ok(message.includes(said), message);
    assert.doesNotMatch(`${message} ${fix}`, /hun|ter2|12/);
  });
}
