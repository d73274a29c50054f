import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IKernelPlace } from './kernelPlace';

/** Says that a kernel can not use integrations, and what to do. */
export function KernelNote(props: {
  starter: string;
  trans: TranslationBundle;
}): JSX.Element {
  const { starter, trans } = props;
  return (
    <div className="jp-Underpass-failure" role="status">
      <strong>
        {trans.__(
          'The kernel of this notebook runs on another machine: it was started by %1.',
          starter
        )}
      </strong>
      <span>
        {trans.__(
          'Integrations and their tunnels can not be used in it. Choose a kernel that runs on the machine of the Jupyter server.'
        )}
      </span>
    </div>
  );
}

/** The note in the sidebar; empty while there is nothing to say. */
export class KernelNoteWidget extends ReactWidget {
  constructor(
    private readonly _place: IKernelPlace,
    private readonly _trans: TranslationBundle
  ) {
    super();
    _place.changed.connect(this.update, this);
  }

  protected render(): JSX.Element | null {
    const { starter } = this._place;
    return starter === null ? null : (
      <KernelNote starter={starter} trans={this._trans} />
    );
  }
}
