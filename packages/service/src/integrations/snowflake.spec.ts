import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { parseConnectionUrl } from './connectionUrl.js';
import { describeType } from './define.js';
import { snowflake } from './snowflake.js';
import { validate } from './validate.js';

const complete = { account: 'org-acme', user: 'me' };

test('there is no SSH and no choice of TLS', () => {
  const { ssh, tls, order } = describeType(snowflake);
  assert.deepEqual([ssh, tls], ['none', 'always']);
  assert.ok(!order.some(field => /^ssh|^ssl|Certificate$/.test(field)));
});

test('the account is the address, unless a private link has another', () => {
  assert.deepEqual(snowflake.remote(complete), {
    host: 'org-acme.snowflakecomputing.com',
    port: 443
  });
  const options = { host: 'acme.privatelink.snowflakecomputing.com' };
  assert.equal(snowflake.remote({ ...complete, options }).host, options.host);
});

test('what would switch TLS off or another field says is refused', () => {
  for (const option of [
    'protocol',
    'tls_skip_verify',
    'Verify_Hostname',
    'verify_certificates',
    'private_key_file'
  ]) {
    assert.throws(
      () =>
        validate(snowflake, { ...complete, options: { [option]: 'x' } }, {}),
      (error: unknown) =>
        error instanceof ServiceError &&
        error.failure.detail?.field === 'options'
    );
  }
});

test('the URLs of SQLAlchemy and JDBC fill the form', () => {
  const parse = (url: string) =>
    parseConnectionUrl(url, 'snowflake', [snowflake]);
  assert.deepEqual(
    parse('snowflake://me:pw@org-acme/SHOP/PUBLIC?warehouse=WH&role=R'),
    {
      type: 'snowflake',
      fields: {
        account: 'org-acme',
        user: 'me',
        database: 'SHOP',
        schema: 'PUBLIC',
        warehouse: 'WH',
        role: 'R'
      },
      secrets: { password: 'pw' },
      remarks: []
    }
  );
  const { fields, remarks } = parse(
    'jdbc:snowflake://org-acme.snowflakecomputing.com/?db=SHOP&ssl=off'
  );
  assert.deepEqual(fields, { account: 'org-acme', database: 'SHOP' });
  assert.deepEqual(remarks, ['ssl was left out: Snowflake has no such field.']);
});
