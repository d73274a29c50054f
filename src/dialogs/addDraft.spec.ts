import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nullTranslator } from '@jupyterlab/translation';
import type { IntegrationType } from '@underpass/protocol';

import type { IIntegrationsModel } from '../tokens';
import { ServiceError } from '../requests';
import { AddDraft } from './addDraft';

const database: IntegrationType = {
  id: 'database',
  label: 'Database',
  kind: 'database',
  ssh: 'none',
  schema: { properties: { host: {}, port: { default: 1 }, password: {} } },
  order: ['host', 'port', 'password'],
  secrets: ['password'],
  links: []
};
const other = { ...database, id: 'other', label: 'Other' };

/** A draft, and what it asks the service for; `answer` is what that says. */
function drafting(answer: (url: string) => object) {
  const asked: object[] = [];
  const model = {
    listing: { types: [database, other] },
    request: (_: string, params: { url: string }) => {
      asked.push(params);
      return Promise.resolve().then(() => answer(params.url));
    }
  };
  const draft = new AddDraft(
    model as unknown as IIntegrationsModel,
    '',
    nullTranslator.load('')
  );
  return { draft, asked };
}

test('a pasted URL picks the type and fills in its form', async () => {
  const { draft, asked } = drafting(() => ({
    type: 'database',
    fields: { host: 'db' },
    secrets: { password: 'pw' },
    remarks: ['not quite']
  }));
  assert.equal(await draft.paste('x://'), true);
  assert.equal(draft.type, database);
  assert.deepEqual(draft.values, {
    name: undefined,
    host: 'db',
    port: 1,
    password: 'pw'
  });
  assert.deepEqual(draft.remarks, ['not quite']);
  assert.deepEqual(asked, [{ url: 'x://' }]);
});

test('a second URL replaces the first, and leaves alone what was typed', async () => {
  const { draft, asked } = drafting(url => ({
    type: 'database',
    fields: url === 'first' ? { host: 'a', port: 9 } : { host: 'b' },
    secrets: {},
    remarks: []
  }));
  await draft.paste('first');
  draft.edit({ ...draft.values, name: 'Mine', password: 'typed' });
  await draft.paste('second');
  assert.deepEqual(draft.values, {
    name: 'Mine',
    host: 'b',
    port: 1,
    password: 'typed'
  });
  assert.deepEqual(asked[1], { url: 'second', type: 'database' });
});

test('what was typed over a URL, or into the form of another type, is no part of it', async () => {
  const { draft } = drafting(url => ({
    type: url === 'elsewhere' ? 'other' : 'database',
    fields: { host: url },
    secrets: url === 'first' ? { password: 'pasted' } : {},
    remarks: []
  }));
  await draft.paste('first');
  draft.choose(other);
  draft.edit({ ...draft.values, password: 'of the other' });
  await draft.paste('elsewhere');
  assert.equal(draft.values.host, 'elsewhere');
  assert.equal(draft.values.password, 'of the other');
  draft.choose(database);
  draft.edit({ ...draft.values, password: 'typed' });
  await draft.paste('second');
  assert.equal(draft.values.password, 'typed');
});

test('a URL that is refused says why, and changes nothing', async () => {
  const { draft } = drafting(() => {
    throw new ServiceError({
      code: 'invalid-field',
      stage: 'request',
      message: 'No.',
      fix: 'Do.'
    });
  });
  draft.choose(database);
  draft.edit({ host: 'typed' });
  assert.equal(await draft.paste('x'), false);
  assert.equal(draft.urlFailure?.message, 'No.');
  assert.equal(draft.failure, null);
  assert.deepEqual(draft.values, { host: 'typed' });
  draft.choose(other);
  assert.equal(draft.urlFailure, null);
});

test('secrets of an import that the service has forgotten are to be typed', async () => {
  const { draft, asked } = drafting(() => {
    throw new ServiceError({
      code: 'unknown-import',
      stage: 'request',
      message: 'gone',
      fix: 'type it'
    });
  });
  draft.take(
    {
      id: 'one',
      name: 'One',
      origin: 'a file',
      type: 'database',
      fields: { host: 'db' },
      secretsSet: ['password'],
      remarks: []
    },
    'import'
  );
  assert.deepEqual(draft.secretsSet, ['password']);
  assert.equal(await draft.submit(), null);
  assert.equal(draft.failure?.code, 'unknown-import');
  assert.deepEqual(draft.secretsSet, []);
  assert.equal(draft.values.host, 'db');
  await draft.submit();
  assert.deepEqual(
    asked.map(params => 'imported' in params),
    [true, false]
  );
});
