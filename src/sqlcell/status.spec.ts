import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { TranslationBundle } from '@jupyterlab/translation';
import type { Integration } from '@underpass/protocol';

import type { IRun } from './run';
import { runOf, statusMimeType } from './run';
import type { ICellFacts } from './status';
import { cellStatus } from './status';

/** English, as JupyterLab's own bundles format it. */
const format = (text: string, values: unknown[]) =>
  text.replace(/%(\d)/g, (_, number) => String(values[Number(number) - 1]));
const trans = {
  __: (text: string, ...values: unknown[]) => format(text, values),
  _n: (one: string, more: string, count: number, ...values: unknown[]) =>
    format(count === 1 ? one : more, [count, ...values])
} as unknown as TranslationBundle;

const text = (facts: Partial<ICellFacts>, now?: number) => {
  const all: ICellFacts = {
    name: 'prod',
    integration: { connected: true } as Integration,
    isListed: true,
    execution: { kind: 'idle' },
    run: null,
    ...facts
  };
  return cellStatus(all, trans, now).text;
};
const done: IRun = {
  state: 'done',
  text: '',
  rows: 1234,
  columns: 5,
  seconds: 0.417,
  tunnelled: true
};
const running = { kind: 'running', since: 0 } as const;

test('a cell that did not run says how the way to its integration is', () => {
  assert.equal(text({}), 'No tunnel (direct)');
  assert.equal(text({ integration: undefined }), 'Unknown integration');
  assert.equal(text({ integration: undefined, isListed: false }), '');
  assert.equal(
    text({ name: 'DuckDB', integration: undefined }),
    'In this kernel'
  );
});

test('a cell that ran says what came, how long it took and which way', () => {
  assert.equal(
    text({ run: done }),
    '1,234 rows × 5 columns · 0.42 s · via tunnel'
  );
  assert.equal(
    text({
      run: { state: 'done', text: '', rows: 1, columns: 1, seconds: 185 }
    }),
    '1 row × 1 column · 3 min 5 s'
  );
  assert.equal(
    text({ run: { state: 'done', text: '', seconds: 12.3 } }),
    'Done · 12 s'
  );
  assert.equal(text({ run: { state: 'failed', text: '' } }), 'Failed');
  assert.equal(text({ run: { state: 'stopped', text: '' } }), 'Stopped');
});

test('a cell that runs says so, and what it waits for', () => {
  assert.equal(text({ execution: { kind: 'asked' }, run: done }), 'Running…');
  assert.equal(
    text({ execution: { kind: 'queued' }, run: done }),
    'Waiting for the kernel…'
  );
  assert.equal(text({ execution: running }, 900), 'Running…');
  assert.equal(text({ execution: running }, 12_345), 'Running… 12 s');
  const waiting: IRun = { state: 'waiting', text: 'Waiting for approval …\nx' };
  assert.equal(
    text({ execution: running, run: waiting }, 3000),
    'Waiting for approval … · 3 s'
  );
  const fetching: IRun = { state: 'fetching', text: '', fetchedRows: 120_000 };
  assert.equal(
    text({ execution: running, run: fetching }, 3000),
    'Fetching: 120,000 rows · 3 s'
  );
});

test('what is wrong with the tunnel now is said before what once was', () => {
  const unusable = { code: 'x', message: 'No longer' } as unknown;
  assert.equal(
    text({ integration: { unusable } as Integration, run: done }),
    'No longer'
  );
});

test('a run that was interrupted by the end of its kernel is not going on', () => {
  assert.equal(
    text({ run: { state: 'fetching', text: 'Fetching' } }),
    'No tunnel (direct)'
  );
});

const outputs = (...list: { type: string; data?: object }[]) => ({
  length: list.length,
  get: (index: number) => ({
    type: list[index].type,
    data: (list[index].data ?? {}) as { [type: string]: unknown }
  })
});
const said = (status: unknown) => ({
  type: 'display_data',
  data: { [statusMimeType]: status }
});

test('the last run is read from the outputs', () => {
  assert.equal(runOf(outputs({ type: 'stream' })), null);
  assert.equal(runOf(outputs({ type: 'error' }))?.state, 'failed');
  assert.equal(
    runOf(outputs(said({ state: 'waiting', text: '' }), { type: 'error' }))
      ?.state,
    'failed'
  );
  const run = runOf(
    outputs(said({ state: 'done', text: 'x', rows: 2, columns: 1 }), {
      type: 'execute_result'
    })
  );
  assert.equal(run?.rows, 2);
});

test('outputs that somebody made up do no harm', () => {
  for (const status of [
    null,
    'x',
    1,
    [],
    {},
    { state: 'evil' },
    { state: 3 }
  ]) {
    assert.equal(runOf(outputs(said(status))), null);
  }
  const run = runOf(
    outputs(said({ state: 'done', text: {}, rows: '5', seconds: NaN }))
  );
  assert.equal(run?.text, '');
  assert.equal(run?.rows, undefined);
  assert.equal(run?.seconds, undefined);
});
