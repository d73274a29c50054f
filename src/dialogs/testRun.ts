import type { TranslationBundle } from '@jupyterlab/translation';
import { UUID } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { Failure, TestReport } from '@underpass/protocol';

import { asFailure } from '../failures';
import type { IIntegrationsModel } from '../tokens';

/** Milliseconds between fetches when no hint comes: the event bus does not tell that it was away. */
const interval = 2_000;

/** What is known of a test: its report, and why there is none. */
export interface ITestProgress {
  report: TestReport | null;
  failure: Failure | null;
}

/** One test, followed while it runs. Disposing it ends the test. */
export class TestRun implements IDisposable {
  /** @param start sends the request for the test, which gets this id */
  constructor(
    private readonly _model: IIntegrationsModel,
    start: (run: string) => Promise<TestReport>,
    private readonly _trans: TranslationBundle
  ) {
    this._poll = new Poll({
      name: 'jupyterlab-underpass:test',
      auto: false,
      factory: () => this._fetch(),
      frequency: { interval, backoff: false },
      standby: 'when-hidden'
    });
    _model.testChanged.connect(this._onTestChanged, this);
    start(this.id)
      .then(report => this._end({ report, failure: null }))
      .catch(error => this._lost(error));
    void this._poll.start();
  }

  readonly id = UUID.uuid4();

  get changed(): ISignal<this, ITestProgress> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.cancel();
    this._stop();
    Signal.clearData(this);
  }

  /** End the test; its report says so. */
  cancel(): void {
    if (!this._ended) {
      // It may have ended by itself meanwhile.
      this._model
        .request('underpass/tests/cancel', { run: this.id })
        .catch(() => undefined);
    }
  }

  private _onTestChanged(_: IIntegrationsModel, run: string): void {
    if (run === this.id || run === '') {
      void this._poll.refresh();
    }
  }

  private async _fetch(): Promise<void> {
    try {
      const report = await this._model.request('underpass/tests/get', {
        run: this.id
      });
      if (!report.running) {
        this._end({ report, failure: null });
      } else if (!this._ended) {
        this._changed.emit({ report, failure: null });
      }
    } catch {
      // Not begun yet, or the service was lost: the request for the test itself says it.
      return;
    }
  }

  /** The answer was lost on its way, or there is none: the test may go on all the same. */
  private async _lost(error: unknown): Promise<void> {
    const failure = asFailure(error, this._trans);
    try {
      const report = await this._model.request('underpass/tests/get', {
        run: this.id
      });
      if (report.running) {
        return;
      }
      this._end({ report, failure: null });
    } catch {
      this._end({ report: null, failure });
    }
  }

  private _end(progress: ITestProgress): void {
    if (!this._ended) {
      this._ended = true;
      this._changed.emit(progress);
      this._stop();
    }
  }

  private _stop(): void {
    this._poll.dispose();
    this._model.testChanged.disconnect(this._onTestChanged, this);
  }

  private readonly _poll: Poll;
  private readonly _changed = new Signal<this, ITestProgress>(this);
  private _ended = false;
  private _isDisposed = false;
}
