import { URLExt } from '@jupyterlab/coreutils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { ServerConnection } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

/** Where the kernel of the current notebook runs. */
export interface IKernelPlace {
  /** Emitted after `starter` became another one. */
  readonly changed: ISignal<IKernelPlace, void>;
  /** Who has started it on another machine, in words that follow "started by"; null for one of the server's own. */
  readonly starter: string | null;
}

/** What the server extension answers. */
interface IPlaces {
  gateway: boolean;
  /** By the kernel's id. */
  elsewhere: { [kernel: string]: string };
}

/**
 * Whether the kernel of the current notebook can use the integrations of the server.
 */
export class KernelPlace implements IKernelPlace, IDisposable {
  constructor(
    private readonly _notebooks: INotebookTracker,
    private readonly _settings: ServerConnection.ISettings
  ) {
    _notebooks.currentChanged.connect(this._onNotebook, this);
    this._onNotebook(_notebooks, _notebooks.currentWidget);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get starter(): string | null {
    return this._starters.get(this._kernel) ?? null;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._panel?.sessionContext.kernelChanged.disconnect(this._onKernel, this);
    this._notebooks.currentChanged.disconnect(this._onNotebook, this);
    Signal.clearData(this);
  }

  private _onNotebook(_: unknown, panel: NotebookPanel | null): void {
    this._panel?.sessionContext.kernelChanged.disconnect(this._onKernel, this);
    this._panel = panel;
    panel?.sessionContext.kernelChanged.connect(this._onKernel, this);
    this._onKernel();
  }

  private _onKernel(): void {
    this._kernel = this._panel?.sessionContext.session?.kernel?.id ?? '';
    this._changed.emit();
    if (this._kernel !== '' && !this._starters.has(this._kernel)) {
      void this._ask(this._kernel);
    }
  }

  /** A kernel does not move: each is asked about once. */
  private async _ask(kernel: string): Promise<void> {
    try {
      const response = await ServerConnection.makeRequest(
        URLExt.join(this._settings.baseUrl, 'underpass', 'kernels'),
        {},
        this._settings
      );
      if (response.ok) {
        const { elsewhere } = (await response.json()) as IPlaces;
        this._starters.set(kernel, elsewhere[kernel] ?? null);
      }
    } catch {
      // No answer, no note: a cell says it, too.
    }
    if (!this._isDisposed) {
      this._changed.emit();
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _starters = new Map<string, string | null>();
  private _panel: NotebookPanel | null = null;
  private _kernel = '';
  private _isDisposed = false;
}
