import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { parseConnectionUrl } from './connectionUrl.js';
import { dremio } from './dremio.js';
import { validate } from './validate.js';

const parse = (url: string) => parseConnectionUrl(url, 'dremio', [dremio]);

test('a host is enough; the port is that of Flight SQL', () => {
  const { fields } = validate(dremio, { host: 'lake' }, { token: 'pat' });
  assert.equal(fields.port, 32010);
  assert.equal(fields.sslMode, 'preferred');
});

test('an option that would undo a field or lead elsewhere is refused', () => {
  for (const option of [
    'adbc.flight.sql.client_option.tls_skip_verify',
    'adbc.flight.sql.rpc.call_header.Authorization',
    'adbc.flight.sql.oauth.token_uri'
  ]) {
    assert.throws(
      () =>
        validate(dremio, { host: 'lake', options: { [option]: 'true' } }, {}),
      (error: unknown) =>
        error instanceof ServiceError &&
        error.failure.detail?.field === 'options'
    );
  }
});

test('the URL of the JDBC driver fills the form', () => {
  assert.deepEqual(
    parse(
      'jdbc:arrow-flight-sql://lake:443/?token=pat&schema=Samples&disableCertificateVerification=true'
    ),
    {
      type: 'dremio',
      fields: {
        host: 'lake',
        port: 443,
        schema: 'Samples',
        sslMode: 'required'
      },
      secrets: { token: 'pat' },
      remarks: []
    }
  );
  assert.equal(parse('arrow-flight-sql://lake').fields.sslMode, 'strict');
});

test('a URL without encryption is not taken for one with it, and says so', () => {
  const { fields, remarks } = parse(
    'dremio+flight://me:pw@lake:32010/?UseEncryption=false&routing_queue=slow'
  );
  assert.equal(fields.sslMode, 'preferred');
  assert.deepEqual(fields.options, { routing_queue: 'slow' });
  assert.match(remarks[0] ?? '', /useEncryption=false/);
});

test('How to use has a token or a user, as the integration does, and asks for the secret', () => {
  const python = (fields: { [field: string]: string | boolean }) =>
    dremio
      .howToUse({
        name: 'Lake',
        prefix: 'LAKE',
        fields: { host: 'lake', sshEnabled: true, ...fields }
      })
      .at(-1)?.code ?? '';
  assert.match(python({ user: 'me' }), /"username": "me"/);
  assert.match(python({}), /authorization_header.*Bearer \{getpass/);
  assert.match(
    python({}),
    /tls_override_hostname": os\.environ\["LAKE_REMOTE_HOST"\]/
  );
  const strict = { sslMode: 'strict' };
  assert.match(python({}), /tls_skip_verify": "true"/);
  assert.doesNotMatch(python(strict), /skip_verify|root_certs|Path/);
  assert.match(
    python({ ...strict, caCertificate: 'PEM' }),
    /import Path\n[^]*tls_root_certs": Path\("ca\.crt"\)/
  );
});
