import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Results } from '@underpass/protocol';
import * as React from 'react';

import { CopyText } from './copyText';

/**
 * Show the public half of the workspace's key, ready for a bastion.
 */
export async function showSshKey(
  key: Results['underpass/key/show'],
  trans: TranslationBundle
): Promise<void> {
  await showDialog({
    title: trans.__('Workspace SSH key'),
    body: (
      <div className="jp-Underpass-dialogBody">
        <p>
          {trans.__(
            'All tunnels of this workspace log in with one key. Its private half never leaves the tunnel service.'
          )}
        </p>
        <h3>{trans.__('Public key')}</h3>
        <CopyText
          className="jp-Underpass-publicKey"
          text={key.publicKey}
          label={trans.__('public key')}
          trans={trans}
        />
        <h3>
          {trans.__('Line for authorized_keys with the least privileges')}
        </h3>
        {key.authorizedKeys ? (
          <>
            <p>
              {trans.__(
                'Allows forwarding to the servers of your integrations and nothing else: no shell, no files. Take it again after adding an integration.'
              )}
            </p>
            <CopyText
              className="jp-Underpass-authorizedKeys"
              text={key.authorizedKeys}
              label={trans.__('authorized_keys line')}
              trans={trans}
            />
          </>
        ) : (
          <p>
            {trans.__(
              'Add an integration that uses SSH: the line then allows forwarding to its server and nothing else.'
            )}
          </p>
        )}
        <h3>{trans.__('Fingerprint')}</h3>
        <code className="jp-Underpass-fingerprint">{key.fingerprint}</code>
      </div>
    ),
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  });
}
