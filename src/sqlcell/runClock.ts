import type { CodeCell } from '@jupyterlab/cells';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

/** Whether a cell runs, and since when. */
export type Execution =
  | { kind: 'idle' }
  /** The kernel has been asked; whether it has begun is not known. */
  | { kind: 'asked' }
  /** The kernel has been asked, and has not begun. */
  | { kind: 'queued' }
  | { kind: 'running'; since: number };

/** Milliseconds between two ticks. */
const interval = 1000;

/**
 * Follows the execution of one cell. While it runs and is looked at, ticks every second.
 */
export class RunClock implements IDisposable {
  constructor(private readonly _cell: CodeCell) {
    _cell.model.stateChanged.connect(this._onState, this);
    this._onState();
  }

  /** Emitted when the execution is another one, and with each second of it. */
  get ticked(): ISignal<this, void> {
    return this._ticked;
  }

  get execution(): Execution {
    const { future } = this._cell.outputArea;
    // Where the server runs cells, there is none here, and nothing that tells when one begins.
    return this._execution.kind === 'asked' && future && !future.isDisposed
      ? { kind: 'queued' }
      : this._execution;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Whether somebody looks at it. */
  set isWatched(isWatched: boolean) {
    if (isWatched !== this._isWatched) {
      this._isWatched = isWatched;
      this._wind();
    }
  }

  /** The kernel began with what the message with this id asked for. */
  began(messageId: string): void {
    const { kind } = this._execution;
    if (
      kind === 'asked' &&
      this._cell.outputArea.future?.msg.header.msg_id === messageId
    ) {
      this._become({ kind: 'running', since: Date.now() });
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._cell.model.stateChanged.disconnect(this._onState, this);
      this._execution = { kind: 'idle' };
      this._wind();
      Signal.clearData(this);
    }
  }

  private _onState(): void {
    const runs = this._cell.model.executionState === 'running';
    if (runs !== (this._execution.kind !== 'idle')) {
      this._become({ kind: runs ? 'asked' : 'idle' });
    }
  }

  private _become(execution: Execution): void {
    this._execution = execution;
    this._wind();
    this._ticked.emit();
  }

  private _wind(): void {
    clearInterval(this._timer);
    if (this._isWatched && this._execution.kind === 'running') {
      this._timer = setInterval(() => this._ticked.emit(), interval);
    }
  }

  private readonly _ticked = new Signal<this, void>(this);
  private _execution: Execution = { kind: 'idle' };
  private _isWatched = false;
  private _isDisposed = false;
  private _timer: ReturnType<typeof setInterval> | undefined;
}
