import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Kernel } from '@jupyterlab/services';

import { asShown, Installation, requirementOf } from './installation';

/** A kernel that says `text` and ends with pip's exit code. */
function kernel(text: string, code: string, asked: object[] = []) {
  return {
    requestExecute: (content: object) => {
      asked.push(content);
      const future = {
        onIOPub: (message: object) => void message,
        get done() {
          future.onIOPub({
            header: { msg_type: 'stream' },
            content: { text }
          });
          return Promise.resolve({
            content: {
              status: 'ok',
              user_expressions: { code: { data: { 'text/plain': code } } }
            }
          });
        }
      };
      return future;
    }
  } as unknown as Kernel.IKernelConnection;
}

test('extras of underpass and what else cells may miss can be installed', () => {
  const of = (requirement: unknown) =>
    requirementOf({ detail: { requirement } });
  assert.equal(of('underpass[mysql]'), 'underpass[mysql]');
  assert.equal(of('polars'), 'polars');
});

test('a notebook can not have anything else installed', () => {
  for (const failure of [
    { detail: { requirement: 'evil' } },
    { detail: { requirement: "underpass[x]'; import os" } },
    { detail: { requirement: 'underpass[mysql] evil' } },
    { detail: { requirement: 'underpass[mysql]\n!rm' } },
    { detail: { requirement: ['polars'] } },
    {},
    null,
    'polars'
  ]) {
    assert.equal(requirementOf(failure), null);
  }
});

test('the kernel runs the line of the error, and its exit code decides', async () => {
  const asked: object[] = [];
  const installation = new Installation('underpass[mysql]');
  assert.equal(installation.state.kind, 'offered');
  await installation.run(kernel('Successfully installed', '0', asked));
  assert.deepEqual(installation.state, {
    kind: 'installed',
    output: 'Successfully installed'
  });
  const [{ code, store_history }] = asked as [
    { code: string; store_history: boolean }
  ];
  assert.equal(code, "%pip install 'underpass[mysql]'");
  assert.equal(store_history, false);
});

test('what pip could not do is said with its own words', async () => {
  const installation = new Installation('polars');
  await installation.run(kernel('ERROR: No matching distribution', '1'));
  assert.deepEqual(installation.state, {
    kind: 'failed',
    output: 'ERROR: No matching distribution'
  });
});

test('a kernel that dies ends the installation', async () => {
  const dead = {
    requestExecute: () => {
      throw new Error('The kernel is dead.');
    }
  } as unknown as Kernel.IKernelConnection;
  const installation = new Installation('polars');
  await installation.run(dead);
  assert.deepEqual(installation.state, {
    kind: 'failed',
    output: 'The kernel is dead.'
  });
});

test('progress that is written over, and colours, are left out', () => {
  assert.equal(asShown('10%\r50%\r100%\r\ndone'), '100%\ndone');
  assert.equal(asShown('\x1b[31mred\x1b[0m'), 'red');
});
