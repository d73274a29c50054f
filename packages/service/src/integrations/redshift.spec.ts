import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { parseConnectionUrl } from './connectionUrl.js';
import { redshift } from './redshift.js';
import { validate } from './validate.js';

const complete = {
  host: 'shop.abc.eu-west-1.redshift.amazonaws.com',
  user: 'me',
  database: 'dev'
};

test('TLS is on and the port is 5439 unless said otherwise', () => {
  const { fields } = validate(redshift, complete, {});
  assert.equal(fields.port, 5439);
  assert.equal(fields.sslMode, 'required');
});

test('settings of the server are options, what undoes a field is not', () => {
  const options = { query_group: 'reports' };
  assert.deepEqual(
    validate(redshift, { ...complete, options }, {}).fields.options,
    options
  );
  assert.throws(
    () =>
      validate(redshift, { ...complete, options: { sslmode: 'allow' } }, {}),
    (error: unknown) =>
      error instanceof ServiceError &&
      error.failure.detail?.field === 'options' &&
      error.failure.message.includes('"sslMode"')
  );
});

test('the URLs of its tools fill the form', () => {
  for (const scheme of [
    'jdbc:redshift',
    'redshift',
    'redshift+psycopg2',
    'redshift+redshift_connector'
  ]) {
    const { type, fields, secrets } = parseConnectionUrl(
      `${scheme}://me:p%40ss@${complete.host}:5439/dev`,
      undefined,
      [redshift]
    );
    assert.equal(type, 'redshift');
    assert.deepEqual(fields, { ...complete, port: 5439 });
    assert.deepEqual(secrets, { password: 'p@ss' });
  }
});

test('How to use names the server and dials the forward, without a password', () => {
  const { fields } = validate(
    redshift,
    { ...complete, sshEnabled: true, sshHost: 'b', sshUser: 'me' },
    { password: 'hunter2' }
  );
  const texts = redshift.howToUse({ name: 'My DB', prefix: 'MY_DB', fields });
  assert.deepEqual(
    texts.map(({ title }) => title),
    [
      'SQL cell',
      'DataFrame',
      'Connection (DB-API)',
      'pandas and SQLAlchemy',
      'With psycopg',
      'R',
      'Shell'
    ]
  );
  for (const { code } of texts.slice(4)) {
    assert.match(code, /MY_DB_REMOTE_HOST/);
    assert.match(code, /hostaddr/);
    assert.match(code, /sslmode\W+require/);
    assert.ok(!code.includes('hunter2'));
  }
});
