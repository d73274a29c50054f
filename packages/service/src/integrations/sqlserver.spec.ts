import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { parseConnectionUrl } from './connectionUrl.js';
import { sqlserver } from './sqlserver.js';
import { validate } from './validate.js';

const complete = { host: 'db.internal', user: 'me' };

test('host and user are enough; the port is 1433', () => {
  const { fields } = validate(sqlserver, complete, {});
  assert.deepEqual(
    [fields.port, fields.sslMode, fields.database],
    [1433, 'preferred', undefined]
  );
});

test('a named instance is refused as a host', () => {
  assert.throws(
    () => validate(sqlserver, { ...complete, host: 'db\\reports' }, {}),
    (error: unknown) =>
      error instanceof ServiceError && error.failure.detail?.field === 'host'
  );
});

for (const option of ['Encrypt', 'server', 'TrustServerCertificate', 'PWD']) {
  test(`the option ${option} is refused: a field decides it`, () => {
    assert.throws(
      () =>
        validate(sqlserver, { ...complete, options: { [option]: 'x' } }, {}),
      (error: unknown) =>
        error instanceof ServiceError &&
        error.failure.detail?.field === 'options'
    );
  });
}

test("a URL of JDBC's fills the form, values in braces as they were meant", () => {
  assert.deepEqual(
    parseConnectionUrl(
      'jdbc:sqlserver://db.internal:1444;databaseName=shop;user=me;password={a;b}}c};encrypt=true;trustServerCertificate=true;applicationIntent=ReadOnly;'
    ),
    {
      type: 'sqlserver',
      fields: {
        host: 'db.internal',
        port: 1444,
        database: 'shop',
        user: 'me',
        sslMode: 'required',
        options: { ApplicationIntent: 'ReadOnly' }
      },
      secrets: { password: 'a;b}c' },
      remarks: []
    }
  );
});

test('an instance is named in a remark, because only its port can be used', () => {
  const { fields, remarks } = parseConnectionUrl(
    'jdbc:sqlserver://db\\reports;databaseName=shop'
  );
  assert.deepEqual(fields, { host: 'db', database: 'shop' });
  assert.match(remarks.join(), /reports.*port/);
});

test('URLs of SQLAlchemy and Go fill the form', () => {
  assert.deepEqual(
    parseConnectionUrl(
      'mssql+pyodbc://me:p%40ss@db:1433/shop?driver=ODBC+Driver+18+for+SQL+Server&Encrypt=yes&TrustServerCertificate=no'
    ),
    {
      type: 'sqlserver',
      fields: {
        host: 'db',
        port: 1433,
        user: 'me',
        database: 'shop',
        sslMode: 'strict'
      },
      secrets: { password: 'p@ss' },
      remarks: []
    }
  );
  const go = parseConnectionUrl(
    'sqlserver://me:pw@db?database=shop&encrypt=disable'
  );
  assert.deepEqual(go.fields, {
    host: 'db',
    user: 'me',
    database: 'shop',
    sslMode: 'preferred'
  });
  assert.match(go.remarks.join(), /login alone/);
});

test('a URL that can not be read is refused without its content', () => {
  assert.throws(
    () => parseConnectionUrl('sqlserver://db;password=hush;nonsense'),
    (error: unknown) =>
      error instanceof ServiceError &&
      !JSON.stringify(error.failure).includes('hush')
  );
});

test('with strict the texts for other tools check the name of the database', () => {
  const texts = sqlserver.howToUse({
    name: 'Shop',
    prefix: 'SHOP',
    fields: {
      ...complete,
      database: 'a b',
      sslMode: 'strict',
      sshEnabled: true
    }
  });
  assert.deepEqual(
    texts.map(({ title }) => title),
    [
      'SQL cell',
      'DataFrame',
      'Connection (DB-API)',
      'pandas and SQLAlchemy',
      'With mssql-python',
      'R',
      'Shell'
    ]
  );
  assert.match(
    texts[4]?.code ?? '',
    /HostnameInCertificate=\{os\.environ\['SHOP_REMOTE_HOST'\]\}/
  );
  assert.match(texts[4]?.code ?? '', /Database=\{a b\};UID=me;Encrypt=yes"/);
  assert.match(
    texts[5]?.code ?? '',
    /HostnameInCertificate = Sys\.getenv\("SHOP_REMOTE_HOST"\)/
  );
});

test('text that is no list of properties is refused at once', () => {
  const start = Date.now();
  assert.throws(() =>
    parseConnectionUrl(`sqlserver://db;${' '.repeat(20_000)}x`)
  );
  assert.ok(Date.now() - start < 1000);
});
