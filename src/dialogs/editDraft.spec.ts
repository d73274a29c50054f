import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import type { Integration, IntegrationType } from '@underpass/protocol';

import { ServiceError } from '../requests';
import type { IIntegrationsModel } from '../tokens';
import { EditDraft } from './editDraft';

const database: IntegrationType = {
  id: 'database',
  label: 'Database',
  kind: 'database',
  ssh: 'none',
  schema: {
    properties: {
      host: { title: 'Host' },
      port: { title: 'Port', default: 1 },
      user: { title: 'User' },
      password: { title: 'Password', writeOnly: true }
    }
  },
  order: ['host', 'port', 'user', 'password'],
  secrets: ['password'],
  links: []
};

const behindBastion: IntegrationType = {
  ...database,
  ssh: 'offered',
  schema: {
    properties: {
      host: { title: 'Host' },
      sshEnabled: { title: 'SSH', default: false },
      sshHost: { title: 'SSH host', shownWhen: { sshEnabled: [true] } }
    }
  },
  order: ['host', 'sshEnabled', 'sshHost']
};

const shop = {
  id: 'id',
  revision: '1',
  type: 'database',
  name: 'Shop',
  aliases: ['Old', 'Older'],
  marks: { production: false, readOnly: false },
  fields: { host: 'db', port: 1, user: 'me' },
  secretsSet: ['password']
} as unknown as Integration;

/** A draft, the kept integration that `request` answers with, and what it was asked. */
function editing(type = database, integration = shop) {
  const asked: [method: string, params: { [name: string]: unknown }][] = [];
  const owner = {};
  const changed = new Signal<object, void>(owner);
  const kept = { now: integration, refusal: null as ServiceError | null };
  const model = {
    changed,
    get listing() {
      return { integrations: [kept.now], types: [type] };
    },
    request: (method: string, params: { [name: string]: unknown }) => {
      asked.push([method, params]);
      return kept.refusal && method.endsWith('update')
        ? Promise.reject(kept.refusal)
        : Promise.resolve(kept.now);
    }
  };
  const draft = new EditDraft(
    model as unknown as IIntegrationsModel,
    integration,
    type,
    '',
    nullTranslator.load('')
  );
  const change = (now: Partial<Integration>) => {
    kept.now = { ...kept.now, ...now };
    changed.emit();
  };
  return { draft, asked, kept, change };
}

test('a secret stays, is removed or replaced, and nothing else is sent of it', async () => {
  const { draft, asked } = editing();
  const sent = async (password: unknown) => {
    draft.edit({ ...draft.values, password });
    await draft.submit();
    return asked.at(-1)?.[1].secrets;
  };
  assert.deepEqual(await sent(undefined), {});
  assert.deepEqual(await sent(null), { password: null });
  assert.deepEqual(await sent('new'), { password: 'new' });
});

test('only what differs makes a form dirty', () => {
  const { draft } = editing();
  assert.equal(draft.isDirty, false);
  draft.edit({ port: 1, user: 'me', host: 'db', name: 'Shop', password: '' });
  assert.equal(draft.isDirty, false);
  draft.edit({ ...draft.values, password: 'x' });
  assert.equal(draft.isDirty, true);
  draft.edit({ ...draft.values, password: undefined });
  draft.mark({ production: true });
  assert.equal(draft.isDirty, true);
  draft.mark({ production: false });
  draft.keepAlias('Old', false);
  assert.equal(draft.isDirty, true);
  draft.keepAlias('Old', true);
  assert.equal(draft.isDirty, false);
});

test('a change is made from the state that was shown, and keeps the former names that were not dropped', async () => {
  const { draft, asked } = editing();
  draft.keepAlias('Old', false);
  await draft.submit();
  const { revision, aliases, name } = asked.at(-1)?.[1] ?? {};
  assert.deepEqual(
    [revision, aliases, name],
    ['1', ['Older', 'Shop'], undefined]
  );
});

test('fields that the form has not stay, so that no connection goes around its bastion', async () => {
  const { draft, asked, change } = editing();
  change({
    revision: '2',
    fields: { ...shop.fields, sshEnabled: true, sshHost: 'bastion' }
  });
  draft.edit({ ...draft.values, user: 'mine' });
  await draft.submit();
  const fields = { host: 'db', port: 1, sshEnabled: true, sshHost: 'bastion' };
  assert.deepEqual(asked.at(-1)?.[1].fields, { ...fields, user: 'mine' });
  assert.deepEqual(draft.subject().fields, { ...fields, user: 'mine' });
});

test('what the form hides is there again when it is shown again, also after saving', async () => {
  const fields = { host: 'db', sshEnabled: true, sshHost: 'bastion' };
  const shown = editing(behindBastion, { ...shop, fields });
  shown.draft.edit({ ...shown.draft.values, sshEnabled: false });
  await shown.draft.submit();
  const sent = { ...fields, sshEnabled: false };
  assert.deepEqual(shown.asked.at(-1)?.[1].fields, sent);

  const hidden = editing(behindBastion, { ...shop, fields: sent });
  assert.equal(hidden.draft.isDirty, false);
  assert.equal(hidden.draft.values.sshHost, 'bastion');
  hidden.draft.edit({ ...hidden.draft.values, sshEnabled: true });
  await hidden.draft.submit();
  assert.deepEqual(hidden.asked.at(-1)?.[1].fields, fields);
});

test('of a change by somebody else, what is not touched here is taken over', () => {
  const { draft, change } = editing();
  draft.edit({ ...draft.values, user: 'mine' });
  change({
    revision: '2',
    fields: { host: 'db2', port: 1, user: 'theirs' },
    marks: { production: true, readOnly: false },
    aliases: ['Old']
  });
  assert.deepEqual(
    draft.differences.map(({ field, was, is, isDisputed }) => [
      field,
      was,
      is,
      isDisputed
    ]),
    [
      ['host', 'db', 'db2', false],
      ['user', 'me', 'theirs', true],
      ['production', 'false', 'true', false],
      ['aliases', null, null, false]
    ]
  );
  draft.takeOver();
  assert.equal(draft.theirs, null);
  assert.equal(draft.base.revision, '2');
  assert.deepEqual(
    [draft.values.host, draft.values.user, draft.marks.production],
    ['db2', 'mine', true]
  );
  assert.deepEqual(draft.aliases, ['Old']);
});

test('without changes here, those of somebody else are simply shown', () => {
  const { draft, change } = editing();
  change({ revision: '2', fields: { host: 'db2', port: 1, user: 'me' } });
  assert.equal(draft.theirs, null);
  assert.equal(draft.values.host, 'db2');
  assert.equal(draft.isDirty, false);
});

test('a refusal because of such a change fetches it', async () => {
  const { draft, kept } = editing();
  draft.edit({ ...draft.values, user: 'mine' });
  kept.now = { ...shop, revision: '2', name: 'Store' };
  kept.refusal = new ServiceError({
    code: 'changed-meanwhile',
    stage: 'request',
    message: 'no',
    fix: ''
  });
  assert.equal(await draft.submit(), null);
  assert.equal(draft.theirs?.name, 'Store');
  assert.equal(draft.failure, null);
  draft.discard();
  assert.deepEqual(
    [draft.values.name, draft.values.user, draft.isDirty],
    ['Store', 'me', false]
  );
});
