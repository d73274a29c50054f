import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import type { Fields } from './define.js';
import { postgresql } from './postgresql.js';
import { validate } from './validate.js';

const complete = { host: 'db.internal', user: 'me', database: 'shop' };

function refusal(fields: Fields): { field: unknown; message: string } {
  try {
    validate(postgresql, { ...complete, ...fields }, {});
  } catch (error) {
    assert.ok(error instanceof ServiceError);
    const { detail, message } = error.failure;
    return { field: detail?.field, message };
  }
  throw new Error('was not refused');
}

test('options of libpq and settings of the server are taken as they are', () => {
  const options = { application_name: 'report', search_path: 'sales, public' };
  assert.deepEqual(
    validate(postgresql, { ...complete, options }, {}).fields.options,
    options
  );
});

test('an option that would undo a field is refused, and both are named', () => {
  for (const [option, field] of [
    ['sslmode', 'sslMode'],
    ['SSLMODE', 'sslMode'],
    ['hostaddr', 'host'],
    ['port', 'port'],
    ['password', 'password'],
    ['sslrootcert', 'caCertificate'],
    ['gssencmode', 'sslMode']
  ] as const) {
    const { field: named, message } = refusal({ options: { [option]: 'x' } });
    assert.equal(named, 'options');
    assert.match(message, new RegExp(`"${option}".*"${field}"`));
  }
  assert.equal(
    refusal({ options: { client_encoding: 'latin1' } }).field,
    'options'
  );
});

test('a client certificate is PEM text, its key a secret', () => {
  assert.equal(
    refusal({ clientCertificate: 'no PEM' }).field,
    'clientCertificate'
  );
  assert.equal(refusal({ clientKey: 'x' }).field, 'clientKey');
});

test('every text of How to use is without a password', () => {
  const fields = { ...complete, sshEnabled: true, password: 'hunter2' };
  const texts = postgresql.howToUse({ name: 'My DB', prefix: 'MY_DB', fields });
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
  assert.ok(!texts.some(({ code }) => code.includes('hunter2')));
});

test('How to use is as strict as the integration, under the name of the database', () => {
  const fields = {
    ...complete,
    sshEnabled: true,
    sslMode: 'strict',
    caCertificate: 'PEM',
    clientCertificate: 'PEM'
  };
  const context = { name: 'My DB', prefix: 'MY_DB', fields };
  for (const { code } of postgresql.howToUse(context).slice(4)) {
    for (const word of [
      'MY_DB_REMOTE_HOST',
      'hostaddr',
      'verify-full',
      'ca.crt',
      'client.key'
    ]) {
      assert.ok(code.includes(word), word);
    }
  }
});
