import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { describeType, type Fields } from './define.js';
import { environmentPrefix } from './environment.js';
import { quoteName } from './howToUse.js';
import { postgresql } from './postgresql.js';
import { definitions } from './registry.js';
import { sshTunnel } from './sshTunnel.js';
import { validate } from './validate.js';

const complete = { host: 'db.internal', user: 'me', database: 'shop' };

function fieldRefused(
  fields: Fields,
  secrets: { [field: string]: string } = {}
): unknown {
  try {
    validate(postgresql, fields, secrets);
  } catch (error) {
    assert.ok(error instanceof ServiceError);
    return error.failure.detail?.field;
  }
  return undefined;
}

test('defaults are filled in, empty optional fields left out, secrets kept apart', () => {
  assert.deepEqual(
    validate(
      postgresql,
      { ...complete, caCertificate: '', sshHost: null },
      { password: 'x' }
    ),
    {
      fields: {
        ...complete,
        port: 5432,
        sslMode: 'preferred',
        sshEnabled: false,
        sshPort: 22
      },
      secrets: { password: 'x' }
    }
  );
});

test('what is wrong is refused with the field named', () => {
  assert.equal(fieldRefused({ user: 'me', database: 'shop' }), 'host');
  assert.equal(fieldRefused({ ...complete, host: 'https://db/x' }), 'host');
  assert.equal(fieldRefused({ ...complete, port: 70000 }), 'port');
  assert.equal(fieldRefused({ ...complete, port: 'many' }), 'port');
  assert.equal(fieldRefused({ ...complete, colour: 'red' }), 'colour');
  assert.equal(fieldRefused({ ...complete, password: 'x' }), 'password');
  assert.equal(
    fieldRefused({ ...complete, caCertificate: 'not a PEM' }),
    'caCertificate'
  );
  assert.equal(fieldRefused({ ...complete, sshEnabled: true }), 'sshHost');
  assert.equal(
    fieldRefused({ ...complete, sshEnabled: true, sshHost: 'bastion' }),
    'sshUser'
  );
  assert.equal(fieldRefused(complete), undefined);
});

test('what is wrong is said in words of the form, not of a parser', () => {
  for (const [field, value, said] of [
    ['sslMode', 'often', 'TLS must be preferred, required or strict.'],
    [
      'sshEnabled',
      'x',
      'Connect through an SSH bastion must be true or false.'
    ],
    ['options', 'x', 'More options of the driver must be names with values.'],
    ['options', { a: 1 }, 'More options of the driver: "a" must be text.'],
    ['port', 1.5, 'Port must be a whole number.']
  ] as const) {
    assert.throws(
      () => validate(postgresql, { ...complete, [field]: value }, {}),
      { message: said }
    );
  }
});

test('an entry of a field is named with the field', () => {
  assert.throws(
    () =>
      validate(postgresql, { ...complete, options: { sslmode: 'off' } }, {}),
    (error: unknown) => {
      assert.ok(error instanceof ServiceError);
      assert.deepEqual(error.failure.detail, {
        field: 'options',
        entry: 'sslmode'
      });
      return /: "sslmode" must not be set/.test(error.message);
    }
  );
});

test('every type is described by a draft-07 JSON Schema with all its fields, secrets write-only', () => {
  for (const definition of definitions) {
    const type = describeType(definition);
    assert.equal(
      type.schema.$schema,
      'http://json-schema.org/draft-07/schema#'
    );
    const properties = type.schema.properties as {
      [field: string]: { title?: string; writeOnly?: boolean };
    };
    assert.deepEqual(Object.keys(properties), type.order);
    for (const [field, property] of Object.entries(properties)) {
      assert.ok(property.title, field);
      assert.equal(property.writeOnly === true, type.secrets.includes(field));
    }
  }
  assert.deepEqual(describeType(postgresql).secrets, ['password', 'clientKey']);
  assert.deepEqual(describeType(sshTunnel).secrets, []);
});

test('names become variable names as documented', () => {
  assert.equal(environmentPrefix('My SSH tunnel'), 'MY_SSH_TUNNEL');
  assert.equal(environmentPrefix('2nd DB'), '_2ND_DB');
  assert.equal(environmentPrefix('Büro-DB'), 'B_RO_DB');
});

test('names in an SQL cell are quoted only where they must be', () => {
  assert.equal(quoteName('prod'), 'prod');
  assert.equal(quoteName('My DB'), '"My DB"');
  assert.equal(quoteName('the "new" one'), '"the \\"new\\" one"');
  assert.equal(quoteName('cash $'), '"cash $"');
});
