import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { IntegrationType } from '@underpass/protocol';

import { searchTypes } from './typeSearch';

const type = (id: string, label: string, keywords: string[]) =>
  ({ id, label, keywords }) as unknown as IntegrationType;

const types = [
  type('postgresql', 'PostgreSQL', ['pg', 'postgresql', 'postgres', 'jdbc']),
  type('sqlserver', 'SQL Server', ['mssql', 'azure sql', 'sqlserver', 'jdbc']),
  type('redshift', 'Amazon Redshift', ['aws', 'redshift', 'jdbc']),
  type('ssh-tunnel', 'SSH tunnel', ['ssh', 'bastion', 'jump host'])
];

const found = (typed: string) =>
  searchTypes(types, typed)
    .map(({ id }) => id)
    .join(' ');

test('types are found by how they and their URLs are called', () => {
  assert.equal(found('postgres'), 'postgresql');
  assert.equal(found('PG'), 'postgresql');
  assert.equal(found('mssql'), 'sqlserver');
  assert.equal(found('sql server'), 'sqlserver');
  assert.equal(found('sqlserver'), 'sqlserver');
  assert.equal(found('azure'), 'sqlserver');
  assert.equal(found('red'), 'redshift');
  assert.equal(found('jump'), 'ssh-tunnel');
  assert.equal(found('jdbc'), 'postgresql sqlserver redshift');
});

test('what nobody calls anything finds nothing, and no word finds all', () => {
  assert.equal(found('oracle'), '');
  assert.equal(found('gres'), '');
  assert.equal(found('  '), 'postgresql sqlserver redshift ssh-tunnel');
});
