import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nullTranslator } from '@jupyterlab/translation';
import type { IntegrationType, Json } from '@underpass/protocol';

import {
  advancedFields,
  defaultValues,
  formLayout,
  formSchema,
  requiredFields,
  splitValues
} from './formSchema';

const trans = nullTranslator.load('');

function typeWith(
  properties: { [field: string]: { [key: string]: Json } },
  more: Partial<IntegrationType> = {}
): IntegrationType {
  return {
    id: 'some',
    label: 'Some',
    kind: 'database',
    ssh: 'none',
    schema: { properties, required: [] },
    order: Object.keys(properties),
    secrets: Object.keys(properties).filter(
      field => properties[field]?.writeOnly === true
    ),
    links: [],
    ...more
  };
}

const type = typeWith(
  {
    host: { type: 'string', title: 'Host', pattern: 'x' },
    sslMode: { enum: ['off', 'strict'], type: 'string', default: 'off' },
    caCertificate: {
      type: 'string',
      format: 'textarea',
      shownWhen: { sslMode: ['strict'] }
    },
    kind: { enum: ['a', 'b'], type: 'string', enumNames: ['Alpha', 'Beta'] },
    key: { type: 'string', format: 'textarea', writeOnly: true },
    options: {
      type: 'object',
      additionalProperties: { type: 'string' },
      advanced: true
    },
    sshEnabled: { type: 'boolean', default: false },
    sshHost: { type: 'string', shownWhen: { sshEnabled: [true] } }
  },
  { ssh: 'offered' }
);

const hidden = (values: { [field: string]: unknown }) =>
  type.order.filter(
    field =>
      (formLayout(type, values)[field] as { 'ui:widget'?: string })[
        'ui:widget'
      ] === 'hidden'
  );

test('a field is shown while others have the values that it asks for', () => {
  assert.deepEqual(hidden(defaultValues(type)), ['caCertificate', 'sshHost']);
  assert.deepEqual(hidden({ sslMode: 'strict', sshEnabled: true }), []);
});

test('a field that asks for another one is hidden with it', () => {
  const chain = typeWith({
    a: { type: 'boolean' },
    b: { type: 'boolean', shownWhen: { a: [true] } },
    c: { type: 'string', shownWhen: { b: [true] } }
  });
  const sent = (a: boolean) =>
    splitValues(chain, { a, b: true, c: 'x' }).fields;
  assert.deepEqual(sent(true), { a: true, b: true, c: 'x' });
  assert.deepEqual(sent(false), { a: false });
});

test('a field that asks for one that the type does not have is shown', () => {
  const always = typeWith({
    caCertificate: { type: 'string', shownWhen: { sslMode: ['strict'] } }
  });
  assert.deepEqual(splitValues(always, { caCertificate: 'PEM' }).fields, {
    caCertificate: 'PEM'
  });
});

test('what is hidden or not filled in is not sent, secrets are sent apart', () => {
  assert.deepEqual(
    splitValues(type, {
      name: 'My DB',
      host: 'db',
      sslMode: 'off',
      caCertificate: 'PEM',
      key: 'line 1\nline 2',
      options: { timeout: '3' },
      sshEnabled: false,
      sshHost: 'bastion'
    }),
    {
      fields: {
        host: 'db',
        sslMode: 'off',
        options: { timeout: '3' },
        sshEnabled: false
      },
      secrets: { key: 'line 1\nline 2' }
    }
  );
  assert.deepEqual(splitValues(type, { options: {} }).fields, {});
});

test('the form gets what it draws, and nothing that is for the service', () => {
  const { properties } = formSchema(type, trans);
  assert.deepEqual(properties?.host, { type: 'string', title: 'Host' });
  assert.deepEqual(properties?.key, { type: 'string', format: 'textarea' });
  assert.deepEqual(Object.keys(properties ?? {}), ['name', ...type.order]);
});

test('a choice with a default can not be empty, and shows the titles of its values', () => {
  const { properties } = formSchema(type, trans);
  assert.deepEqual(properties?.sslMode, {
    type: 'string',
    oneOf: [
      { const: 'off', title: 'off' },
      { const: 'strict', title: 'strict' }
    ],
    default: 'off'
  });
  assert.deepEqual(properties?.kind, {
    type: 'string',
    oneOf: [
      { const: 'a', title: 'Alpha' },
      { const: 'b', title: 'Beta' }
    ]
  });
});

test('names and values have a field of their own, among the rare ones', () => {
  assert.equal(
    (formLayout(type, {}).options as { [key: string]: unknown })['ui:field'],
    'keyValues'
  );
  assert.deepEqual(advancedFields(type), ['options']);
});

test('types without SSH ask for no bastion', () => {
  assert.deepEqual(requiredFields(type), ['name', 'sshHost', 'sshUser']);
  assert.deepEqual(requiredFields({ ...type, ssh: 'none' }), ['name']);
});
