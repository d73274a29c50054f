import type { Kernel } from '@jupyterlab/services';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

/** Characters of output that are kept; the end says how it went. */
const kept = 8_000;

export type InstallationState =
  | { kind: 'offered' }
  | { kind: 'running'; output: string }
  | { kind: 'installed'; output: string }
  | { kind: 'failed'; output: string };

/**
 * What may be installed. A notebook comes from anywhere, and so does what its outputs ask for: nothing but these.
 */
const installable = /^(underpass\[[a-z]+\]|polars|cryptography)$/;

/** What a failure that a kernel has shown asks to install; null if that is not for us to do. */
export function requirementOf(failure: unknown): string | null {
  const { detail } = (failure ?? {}) as { detail?: { requirement?: unknown } };
  const requirement = detail?.requirement;
  return typeof requirement === 'string' && installable.test(requirement)
    ? requirement
    : null;
}

/** Installs one requirement in a running kernel, as a person would who types the line into a cell. */
export class Installation {
  /** @param requirement one that `requirementOf` gave */
  constructor(requirement: string) {
    this.command = `%pip install '${requirement}'`;
  }

  /** The line that the kernel runs. */
  readonly command: string;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get state(): InstallationState {
    return this._state;
  }

  /** Run it, once at a time. Never rejects: `state` says how it went. */
  async run(kernel: Kernel.IKernelConnection): Promise<void> {
    if (this._state.kind === 'running') {
      return;
    }
    this._set({ kind: 'running', output: '' });
    let isInstalled = false;
    try {
      const future = kernel.requestExecute({
        code: this.command,
        store_history: false,
        allow_stdin: false,
        stop_on_error: false,
        // pip's exit code: a failed installation is no error of the cell.
        user_expressions: { code: '_exit_code' }
      });
      future.onIOPub = ({ header, content }) => {
        if (header.msg_type === 'stream') {
          this._append((content as { text: string }).text);
        } else if (header.msg_type === 'error') {
          this._append((content as { evalue: string }).evalue);
        }
      };
      const { content } = await future.done;
      isInstalled = content.status === 'ok' && exitCode(content) === '0';
    } catch (error) {
      this._append(error instanceof Error ? error.message : String(error));
    }
    const output = this._output;
    this._set({ kind: isInstalled ? 'installed' : 'failed', output });
  }

  private get _output(): string {
    return this._state.kind === 'running' ? this._state.output : '';
  }

  private _append(text: string): void {
    const output = asShown(this._output + text).slice(-kept);
    this._set({ kind: 'running', output });
  }

  private _set(state: InstallationState): void {
    this._state = state;
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _state: InstallationState = { kind: 'offered' };
}

function exitCode(content: object): string | undefined {
  const { user_expressions: expressions } = content as {
    user_expressions?: { code?: { data?: { 'text/plain'?: string } } };
  };
  return expressions?.code?.data?.['text/plain'];
}

/** Text of a terminal without its colours; of lines that were written over, the last. */
export function asShown(text: string): string {
  return text
    .replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '')
    .replace(/\r+\n/g, '\n')
    .replace(/[^\n]*\r(?=.)/g, '');
}
