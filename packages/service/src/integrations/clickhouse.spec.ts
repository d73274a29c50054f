import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ServiceError } from '../serviceError.js';
import { clickhouse } from './clickhouse.js';
import { parseConnectionUrl } from './connectionUrl.js';
import type { Fields } from './define.js';
import { validate } from './validate.js';

const complete = { host: 'ch.internal', user: 'me', database: 'web' };

const parse = (url: string) => parseConnectionUrl(url, undefined, [clickhouse]);

test('a URL of a client is read with its port and its TLS', () => {
  const cases: [string, Fields][] = [
    [
      'clickhouse://me:pw@ch.internal:8443/web?secure=true&verify=true',
      { port: 8443, sslMode: 'strict' }
    ],
    [
      'clickhousedb+connect://me:pw@ch.internal/web?secure=true',
      { port: 8443, sslMode: 'required' }
    ],
    [
      'clickhouse+http://me:pw@ch.internal/web',
      { port: 8123, sslMode: 'preferred' }
    ],
    [
      'jdbc:ch:https://me:pw@ch.internal/web?sslmode=none',
      { port: 8443, sslMode: 'required' }
    ],
    [
      'clickhouses://me:pw@ch.internal:9440/web',
      { port: 8443, sslMode: 'required' }
    ],
    ['clickhouse://me:pw@ch.internal:9000/web', { port: 8123 }],
    [
      'clickhouse://me:pw@ch.internal:8123/web?max_threads=2',
      { port: 8123, options: { max_threads: '2' } }
    ],
    ['clickhouse://me:pw@ch.internal/web', {}]
  ];
  for (const [url, more] of cases) {
    const { fields, secrets } = parse(url);
    assert.deepEqual(fields, { ...complete, ...more }, url);
    assert.deepEqual(secrets, { password: 'pw' });
  }
});

test('a port of the native protocol is replaced, and that is said', () => {
  const { remarks } = parse('clickhouse://me@ch.internal:9000/web');
  assert.match(remarks.join(), /9000.*8123/);
});

test('a URL that can not be read is refused without a word of it', () => {
  assert.throws(
    () => parse('clickhouse://me:p@ss/word@ch.internal/web'),
    (error: Error) => !error.message.includes('word@')
  );
});

test('settings of the server are taken, words of drivers that undo a field are refused', () => {
  const options = { max_threads: '2', session_timezone: 'Europe/Berlin' };
  const { fields } = validate(clickhouse, { ...complete, options }, {});
  assert.deepEqual(fields.options, options);
  assert.equal(fields.port, 8443);
  for (const option of ['verify', 'http_proxy', 'session_id', 'SECURE']) {
    assert.throws(
      () =>
        validate(clickhouse, { ...complete, options: { [option]: 'x' } }, {}),
      (error: unknown) =>
        error instanceof ServiceError &&
        error.failure.detail?.field === 'options' &&
        error.message.includes(option)
    );
  }
});

test('the texts of How to use check the name of the database, and have no password', () => {
  const fields = {
    ...complete,
    port: 8443,
    password: 'hunter2',
    sshEnabled: true,
    sslMode: 'strict'
  };
  const context = { name: 'Web', prefix: 'WEB', fields };
  const texts = clickhouse.howToUse(context);
  assert.deepEqual(
    texts.map(({ title }) => title),
    [
      'SQL cell',
      'DataFrame',
      'Connection (DB-API)',
      'With clickhouse-connect',
      'R',
      'Shell'
    ]
  );
  for (const { title, code } of texts.slice(3)) {
    assert.ok(code.includes('WEB_REMOTE_HOST'), title);
    assert.ok(!code.includes('hunter2'), title);
  }
  const plain = { ...fields, sslMode: 'preferred', port: 8123 };
  for (const { code } of clickhouse.howToUse({ ...context, fields: plain })) {
    assert.ok(!/https|secure/.test(code), code);
  }
});
