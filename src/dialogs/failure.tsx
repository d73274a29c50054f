import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Failure } from '@underpass/protocol';
import * as React from 'react';

import { FailureNote } from '../failureNote';

/** Show why something that a person asked for did not happen. */
export async function showFailure(
  failure: Failure,
  trans: TranslationBundle
): Promise<void> {
  await showDialog({
    title: trans.__('That did not work'),
    body: (
      <div className="jp-Underpass-dialogBody">
        <FailureNote failure={failure} />
      </div>
    ),
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  });
}
