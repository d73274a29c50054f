import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeName } from './names.js';

test('no integration takes the name that means DataFrames in a SQL cell', () => {
  for (const name of ['duckdb', ' DuckDB ']) {
    assert.throws(
      () => freeName(name, []),
      (error: { failure?: { code: string; detail?: unknown } }) =>
        error.failure?.code === 'invalid-field'
    );
  }
  assert.equal(freeName('duckdb files', []), 'duckdb files');
});
