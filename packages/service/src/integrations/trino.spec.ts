import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { parseConnectionUrl } from './connectionUrl.js';
import type { Fields } from './define.js';
import { trino } from './trino.js';
import { validate } from './validate.js';

const complete = { host: 'trino.internal', user: 'me', catalog: 'hive' };

function refused(fields: Fields): unknown {
  try {
    validate(trino, { ...complete, ...fields }, {});
  } catch (error) {
    assert.ok(error instanceof ServiceError);
    return error.failure.detail?.field;
  }
  return undefined;
}

test('session properties and words of the client are options', () => {
  const options = { query_max_run_time: '10m', clientTags: 'report' };
  assert.deepEqual(
    validate(trino, { ...complete, options }, {}).fields.options,
    options
  );
});

test('an option that would undo address, TLS or tunnel is refused', () => {
  for (const name of ['SSL', 'SSLVerification', 'socksProxy', 'accessToken']) {
    assert.equal(refused({ options: { [name]: 'x' } }), 'options', name);
  }
});

test('a schema is one of a catalog', () => {
  assert.equal(refused({ schema: 'sales' }), undefined);
  assert.equal(refused({ catalog: '', schema: 'sales' }), 'catalog');
});

test('a URL of SQLAlchemy names catalog and schema', () => {
  const { type, fields, secrets, remarks } = parseConnectionUrl(
    'trino://me:p%40ss@trino.internal:8443/hive/sales'
  );
  assert.equal(type, 'trino');
  assert.deepEqual(fields, {
    host: 'trino.internal',
    port: 8443,
    user: 'me',
    catalog: 'hive',
    schema: 'sales'
  });
  assert.deepEqual(secrets, { password: 'p@ss' });
  assert.deepEqual(remarks, []);
});

test('a URL of JDBC with SSL checks certificate and name, unless it says otherwise', () => {
  const parsed = (options: string) =>
    parseConnectionUrl(
      `jdbc:trino://trino.internal:443/hive?user=me&${options}`
    );
  assert.equal(parsed('SSL=true').fields.sslMode, 'strict');
  assert.equal(parsed('ssl=True').fields.sslMode, 'strict');
  assert.equal(parsed('SSL=false').fields.sslMode, 'preferred');
  assert.equal(
    parsed('SSL=true&SSLVerification=NONE').fields.sslMode,
    'required'
  );
  assert.equal(parsed('SSLVerification=CA').fields.sslMode, 'strict');
  assert.equal(parsed('SSL=true').fields.user, 'me');
  assert.deepEqual(parsed('SSL=true&accessToken=abc').secrets, {
    token: 'abc'
  });
  assert.deepEqual(parsed('clientTags=report').fields.options, {
    clientTags: 'report'
  });
});

test('How to use speaks of the server by its name, and asks for the password', () => {
  const fields = { ...complete, sshEnabled: true, sslMode: 'strict' };
  const texts = trino.howToUse({
    name: 'My Trino',
    prefix: 'MY_TRINO',
    fields
  });
  const [cell, python] = [texts[0], texts.at(-1)];
  assert.match(cell?.code ?? '', /^%%sql "My Trino"/);
  assert.match(python?.code ?? '', /MY_TRINO_REMOTE_HOST/);
  assert.match(python?.code ?? '', /getpass\(\)/);
});
