import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { parseConnectionUrl } from './connectionUrl.js';
import type { Fields } from './define.js';
import { mariadb } from './mariadb.js';
import { mindsdb } from './mindsdb.js';
import { mysql } from './mysql.js';
import { validate } from './validate.js';

const complete = { host: 'db.internal', user: 'me' };
const family = [mysql, mariadb, mindsdb];

function refusal(fields: Fields): unknown {
  try {
    validate(mysql, { ...complete, ...fields }, {});
  } catch (error) {
    assert.ok(error instanceof ServiceError);
    return error.failure.detail?.field;
  }
  return undefined;
}

test('host and user are enough; the ports are those that people know', () => {
  for (const [definition, port] of [
    [mysql, 3306],
    [mariadb, 3306],
    [mindsdb, 47335]
  ] as const) {
    const { fields } = validate(definition, complete, {});
    assert.equal(fields.port, port);
    assert.equal(fields.sslMode, 'preferred');
  }
});

test('options that would undo a field are refused', () => {
  for (const name of [
    'ssl_disabled',
    'SSL_CA',
    'unix_socket',
    'read_default_file',
    'password',
    'local_infile'
  ]) {
    assert.equal(refusal({ options: { [name]: '1' } }), 'options', name);
  }
  assert.equal(refusal({ options: { sql_mode: 'ANSI' } }), undefined);
});

test('MindsDB asks nobody for a certificate', () => {
  assert.ok('clientCertificate' in mysql.shape);
  assert.ok('clientCertificate' in mariadb.shape);
  assert.ok(!('clientCertificate' in mindsdb.shape));
});

test('a URL fills the form, and is of the type whose form it is', () => {
  const url = 'mysql+pymysql://me:p%40ss@db.internal:3307/shop?charset=utf8mb4';
  assert.equal(parseConnectionUrl(url).type, 'mysql');
  const parsed = parseConnectionUrl(url, 'mariadb');
  assert.equal(parsed.type, 'mariadb');
  const { fields } = validate(mariadb, parsed.fields, parsed.secrets);
  assert.deepEqual(
    [fields.host, fields.port, fields.user, fields.database],
    ['db.internal', 3307, 'me', 'shop']
  );
  assert.equal(parsed.secrets.password, 'p@ss');
  assert.equal(parseConnectionUrl('mariadb://me@db/shop').type, 'mariadb');
});

test('every text of How to use names the tunnel, and no password', () => {
  for (const definition of family) {
    for (const sslMode of ['preferred', 'required', 'strict']) {
      const texts = definition.howToUse({
        name: 'My DB',
        prefix: 'MY_DB',
        fields: { ...complete, sslMode, sshEnabled: true, password: 'hunter2' }
      });
      assert.deepEqual(
        texts.slice(-3).map(({ title }) => title),
        ['With PyMySQL', 'R', 'Shell']
      );
      for (const { code } of texts) {
        assert.ok(!code.includes('hunter2'));
        const known = /underpass|%%sql/.test(code);
        assert.ok(known || code.includes('MY_DB_LOCAL_PORT'));
      }
    }
  }
});

test('what does not check the name in the certificate says so in the mode strict', () => {
  const fields = { ...complete, sslMode: 'strict', sshEnabled: true };
  const [python, r, shell] = mysql
    .howToUse({ name: 'My DB', prefix: 'MY_DB', fields })
    .slice(-3);
  assert.match(python?.code ?? '', /MY_DB_REMOTE_HOST/);
  assert.doesNotMatch(python?.code ?? '', /CERT_NONE/);
  assert.match(r?.code ?? '', /does not check/);
  assert.match(shell?.code ?? '', /does not check/);
});

test("what does not insist on TLS, as MariaDB's library, says so", () => {
  for (const sslMode of ['required', 'strict']) {
    const fields = { ...complete, sslMode, sshEnabled: true };
    const context = { name: 'My DB', prefix: 'MY_DB', fields };
    for (const { title, code } of mariadb.howToUse(context)) {
      const says = /connects without/.test(code);
      assert.equal(says, ['R', 'Shell'].includes(title), title);
    }
  }
});
