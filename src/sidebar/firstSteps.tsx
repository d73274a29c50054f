import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { CommandIDs } from '../commandIds';
import { underpassIcon } from '../icons';
import type { IListing } from '../tokens';

export interface IFirstStepsProps {
  policy: IListing['policy'];
  mayAdd: boolean;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

/** What is shown instead of a list while there is nothing in it. */
export function FirstSteps(props: IFirstStepsProps): JSX.Element {
  const { policy, mayAdd, commands, trans } = props;
  const { sshTunnels, genericTunnel } = policy;
  return (
    <div className="jp-Underpass-empty">
      <underpassIcon.react tag="div" className="jp-Underpass-emptyIcon" />
      {mayAdd ? (
        <>
          <h2>{trans.__('Connect your first database')}</h2>
          <ol>
            <li>
              {sshTunnels && genericTunnel
                ? trans.__(
                    'Add an integration: a database, or an SSH tunnel to any service. You need the address, the user and the password that you were given for it.'
                  )
                : trans.__(
                    'Add an integration: a database. You need the address, the user and the password that you were given for it.'
                  )}
            </li>
            {sshTunnels && (
              <li>
                {trans.__(
                  'Is it on a private network, behind a bastion (an SSH server)? Send the public key of this workspace to whoever looks after the bastion.'
                )}{' '}
                <button
                  className="jp-Underpass-link"
                  onClick={() => void commands.execute(CommandIDs.showKey)}
                >
                  {trans.__('Show the public key')}
                </button>
              </li>
            )}
            <li>
              {sshTunnels
                ? trans.__(
                    'Insert an SQL cell into a notebook and run it. The tunnel opens by itself.'
                  )
                : trans.__('Insert an SQL cell into a notebook and run it.')}
            </li>
          </ol>
          <button
            className="jp-mod-styled jp-mod-accept"
            onClick={() => void commands.execute(CommandIDs.add)}
          >
            {trans.__('Add integration')}
          </button>
        </>
      ) : (
        <>
          <h2>{trans.__('No integrations yet')}</h2>
          <p>
            {trans.__(
              'You may use integrations on this Jupyter server, but not add any. Ask its owner to add one.'
            )}
          </p>
        </>
      )}
    </div>
  );
}
