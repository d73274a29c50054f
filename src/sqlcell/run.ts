/**
 * What the outputs of a cell tell of its last run. They may come from anywhere: nothing in them is taken for granted.
 */
/** What the kernel says of a cell, as data. */
export const statusMimeType = 'application/vnd.underpass.status+json';

export type RunState = 'waiting' | 'fetching' | 'done' | 'stopped' | 'failed';

export interface IRun {
  state: RunState;
  /** For people. */
  text: string;
  rows?: number;
  columns?: number;
  seconds?: number;
  tunnelled?: boolean;
  /** Rows that have arrived so far. */
  fetchedRows?: number;
}

const states: readonly string[] = [
  'waiting',
  'fetching',
  'done',
  'stopped',
  'failed'
];

/** What reading the outputs needs of their model. */
export interface IOutputs {
  readonly length: number;
  get(index: number): {
    readonly type: string;
    readonly data: { readonly [type: string]: unknown };
  };
}

/** The last run; null if its outputs do not tell. */
export function runOf(outputs: IOutputs): IRun | null {
  let failed = false;
  for (let index = outputs.length - 1; index >= 0; index--) {
    const { type, data } = outputs.get(index);
    failed ||= type === 'error';
    const run = readRun(data[statusMimeType]);
    if (run) {
      const ended = run.state === 'done' || run.state === 'stopped';
      return failed && !ended ? { ...run, state: 'failed' } : run;
    }
  }
  return failed ? { state: 'failed', text: '' } : null;
}

function readRun(status: unknown): IRun | null {
  if (typeof status !== 'object' || status === null) {
    return null;
  }
  const { state, text, rows, columns, seconds, tunnelled, fetchedRows } =
    status as { [name: string]: unknown };
  if (typeof state !== 'string' || !states.includes(state)) {
    return null;
  }
  return {
    state: state as RunState,
    text: typeof text === 'string' ? text : '',
    rows: number(rows),
    columns: number(columns),
    seconds: number(seconds),
    tunnelled: tunnelled === true,
    fetchedRows: number(fetchedRows)
  };
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value)
    ? value
    : undefined;
}
