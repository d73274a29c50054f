import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { bigquery } from './bigquery.js';
import { parseConnectionUrl } from './connectionUrl.js';
import { describeType } from './define.js';
import { validate } from './validate.js';

test('there is no SSH and no choice of TLS, and the key is a secret', () => {
  const { ssh, tls, secrets } = describeType(bigquery);
  assert.deepEqual([ssh, tls], ['none', 'always']);
  assert.deepEqual(secrets, ['serviceAccountKey']);
});

test('the address is that of Google, unless there is a private endpoint', () => {
  assert.deepEqual(bigquery.remote({ project: 'acme' }), {
    host: 'bigquery.googleapis.com',
    port: 443
  });
  const options = { api_endpoint: 'https://bigquery-acme.p.googleapis.com' };
  assert.equal(
    bigquery.remote({ project: 'acme', options }).host,
    'bigquery-acme.p.googleapis.com'
  );
});

test('an endpoint that is no address with TLS is refused', () => {
  for (const api_endpoint of [
    'acme',
    'http://acme',
    'https://',
    'https://a b'
  ]) {
    assert.throws(
      () =>
        validate(bigquery, { project: 'acme', options: { api_endpoint } }, {}),
      (error: unknown) =>
        error instanceof ServiceError &&
        error.failure.detail?.field === 'options'
    );
  }
});

test('the URL of SQLAlchemy fills the form', () => {
  assert.deepEqual(
    parseConnectionUrl(
      'bigquery://acme/shop?location=EU&arraysize=1000',
      'bigquery',
      [bigquery]
    ),
    {
      type: 'bigquery',
      fields: { project: 'acme', dataset: 'shop', location: 'EU' },
      secrets: {},
      remarks: ['arraysize was left out: BigQuery has no such field.']
    }
  );
});
