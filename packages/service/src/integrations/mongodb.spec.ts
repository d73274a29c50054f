import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { parseConnectionUrl } from './connectionUrl.js';
import type { Fields } from './define.js';
import { mongodb } from './mongodb.js';
import { validate } from './validate.js';

function refusal(fields: Fields): { field: unknown; text: string } {
  try {
    validate(mongodb, fields, {});
  } catch (error) {
    assert.ok(error instanceof ServiceError);
    return {
      field: error.failure.detail?.field,
      text: JSON.stringify(error.failure)
    };
  }
  throw new Error('was not refused');
}

test('a host or a connection string is required', () => {
  assert.equal(refusal({ user: 'me' }).field, 'host');
  assert.equal(validate(mongodb, { host: 'db' }, {}).fields.host, 'db');
});

test('a connection string is kept without user, password and options, which go to their fields', () => {
  const { fields, secrets } = validate(
    mongodb,
    {
      connectionString:
        'mongodb://me:p%40ss@a.internal,b.internal:27018/shop?replicaSet=rs0&authSource=admin&retryWrites=true&w=majority',
      host: 'before'
    },
    {}
  );
  assert.equal(
    fields.connectionString,
    'mongodb://a.internal:27017,b.internal:27018'
  );
  assert.deepEqual(
    [fields.host, fields.user, fields.database, fields.replicaSet],
    [undefined, 'me', 'shop', 'rs0']
  );
  assert.equal(fields.authSource, 'admin');
  assert.deepEqual(fields.options, { w: 'majority' });
  assert.deepEqual(secrets, { password: 'p@ss' });
  assert.deepEqual(mongodb.seeds?.(fields), [
    { host: 'a.internal', port: 27017 },
    { host: 'b.internal', port: 27018 }
  ]);
});

test('a connection string with one host becomes host and port', () => {
  const { fields } = validate(
    mongodb,
    { connectionString: 'mongodb://[::1]:27020/?tls=true' },
    {}
  );
  assert.deepEqual(
    [fields.host, fields.port, fields.connectionString, fields.sslMode],
    ['::1', 27020, undefined, 'strict']
  );
});

test('an option that is called as what every object has is an option', () => {
  assert.deepEqual(
    parseConnectionUrl('mongodb://db/?constructor=x').fields.options,
    { constructor: 'x' }
  );
});

test('a pasted URL fills the form; mongodb+srv means a verified certificate', () => {
  const { type, fields, secrets, remarks } = parseConnectionUrl(
    'mongodb+srv://me:secret@cluster.example.com/shop?retryWrites=true&tlsCAFile=/etc/ca.pem'
  );
  assert.equal(type, 'mongodb');
  assert.deepEqual(fields, {
    connectionString: 'mongodb+srv://cluster.example.com',
    user: 'me',
    database: 'shop',
    sslMode: 'strict'
  });
  assert.deepEqual(secrets, { password: 'secret' });
  assert.match(remarks.join(), /retryWrites was left out/);
  assert.match(remarks.join(), /caCertificate/);
});

test('what can not be read is refused without a word of it', () => {
  for (const connectionString of [
    'mongodb://me:hunter2/x@db/shop',
    'mongodb://me:hunter2%@db',
    'mongodb+srv://me:hunter2@db.example.com:27017',
    'mongodb+srv://me:hunter2@a.example.com,b.example.com',
    'https://me:hunter2@db'
  ]) {
    const { field, text } = refusal({ connectionString });
    assert.equal(field, 'connectionString', connectionString);
    assert.ok(!text.includes('hunter2'));
  }
});

test('options that would undo TLS, the address or what is promised are refused', () => {
  for (const name of [
    'tlsInsecure',
    'ssl',
    'directConnection',
    'retryWrites'
  ]) {
    const { field, text } = refusal({
      host: 'db',
      options: { [name]: 'true' }
    });
    assert.equal(field, 'options');
    assert.ok(text.includes('must not be set'), name);
  }
});

test('plain Python and the shell go through the tunnel and never hold the password', () => {
  const code = mongodb
    .howToUse({
      name: 'Shop',
      prefix: 'SHOP',
      fields: { host: 'db', user: "o'me", database: 'shop', sshEnabled: true }
    })
    .map(({ code }) => code)
    .join('\n');
  assert.match(code, /%%sql Shop -o df/);
  assert.match(code, /SHOP_LOCAL_PORT/);
  assert.match(code, /password=getpass\(\)/);
  assert.match(code, /--username 'o'\\''me'/);
});
