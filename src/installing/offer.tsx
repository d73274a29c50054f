import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Kernel } from '@jupyterlab/services';
import * as React from 'react';

import type { InstallationState } from './installation';
import { Installation, requirementOf } from './installation';

/** A failure as `underpass/offers.py` shows it. */
export const mimeType = 'application/vnd.underpass.failure+json';

type RenderMime = NotebookPanel['content']['rendermime'];
export type IRendererFactory = Parameters<RenderMime['addFactory']>[0];
type IRenderer = ReturnType<IRendererFactory['createRenderer']>;

export interface IInstallOfferOptions {
  /** Null while none runs. */
  kernel: () => Kernel.IKernelConnection | null;
  /** Run the cell that this is an output of. */
  runAgain: (output: HTMLElement) => void;
  trans: TranslationBundle;
}

/**
 * An output that says what is missing in the kernel, and installs it there when a person asks for it.
 */
export class InstallOffer extends ReactWidget implements IRenderer {
  constructor(private readonly _options: IInstallOfferOptions) {
    super();
    this.addClass('jp-Underpass-offer');
  }

  renderModel({ data }: Parameters<IRenderer['renderModel']>[0]) {
    const requirement = requirementOf(data[mimeType]);
    this._installation = requirement ? new Installation(requirement) : null;
    this._installation?.changed.connect(this.update, this);
    this.update();
    return Promise.resolve();
  }

  protected render(): JSX.Element {
    const { trans, runAgain } = this._options;
    const installation = this._installation;
    if (!installation) {
      return <></>;
    }
    const { state, command } = installation;
    return (
      <div role="group" aria-label={trans.__('Missing in this kernel')}>
        <div className="jp-Underpass-offerLine">
          {state.kind === 'installed' ? (
            <button
              className="jp-mod-styled jp-mod-accept"
              onClick={() => runAgain(this.node)}
            >
              {trans.__('Run the cell again')}
            </button>
          ) : (
            <button
              className="jp-mod-styled jp-mod-accept"
              disabled={state.kind === 'running'}
              onClick={() => this._install(installation)}
            >
              {trans.__('Install in this kernel')}
            </button>
          )}
          <code>{command}</code>
          <span role="status">{this._status(state)}</span>
        </div>
        {state.kind !== 'offered' && state.output !== '' && (
          <pre
            role="group"
            aria-label={trans.__('What pip says')}
            // Its end says how it went.
            ref={node => node?.scrollTo(0, node.scrollHeight)}
          >
            {state.output}
          </pre>
        )}
      </div>
    );
  }

  private _install(installation: Installation): void {
    const kernel = this._options.kernel();
    this._hasNoKernel = kernel === null;
    if (kernel) {
      void installation.run(kernel);
    } else {
      this.update();
    }
  }

  private _status(state: InstallationState): string {
    const { trans } = this._options;
    switch (state.kind) {
      case 'offered':
        return this._hasNoKernel ? trans.__('No kernel is running.') : '';
      case 'running':
        return trans.__('Installing…');
      case 'installed':
        return trans.__('Installed. Run the cell again.');
      case 'failed':
        return trans.__('This could not be installed.');
    }
  }

  private _installation: Installation | null = null;
  private _hasNoKernel = false;
}
