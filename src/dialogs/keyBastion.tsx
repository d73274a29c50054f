import type { TranslationBundle } from '@jupyterlab/translation';
import type { KeyBastion } from '@underpass/protocol';
import * as React from 'react';

import { CopyText } from './copyText';

export interface IKeyBastionSectionProps {
  bastion: KeyBastion;
  trans: TranslationBundle;
}

/** What one bastion has to be told of the key, in the forms that people set up machines with. */
export function KeyBastionSection(props: IKeyBastionSectionProps): JSX.Element {
  const { bastion, trans } = props;
  const { user, host, port, integrations, loggedInAt } = bastion;
  const name = `${user}@${host}${port === 22 ? '' : `:${port}`}`;
  return (
    <section className="jp-Underpass-keyBastion" aria-label={name}>
      <h4>{name}</h4>
      <p className="jp-Underpass-hint">
        {trans.__('For %1.', integrations.join(', '))}{' '}
        {loggedInAt === undefined
          ? trans.__('Has not let this key in yet.')
          : trans.__(
              'Let this key in at %1.',
              new Date(loggedInAt).toLocaleString()
            )}
      </p>
      <CopyText
        className="jp-Underpass-authorizedKeys"
        text={bastion.authorizedKeys}
        label={trans.__('authorized_keys line for %1', name)}
        trans={trans}
      />
      <details>
        <summary>{trans.__('As cloud-init')}</summary>
        <CopyText
          text={bastion.cloudInit}
          label={trans.__('cloud-init document for %1', name)}
          trans={trans}
        />
      </details>
      <details>
        <summary>{trans.__('As Terraform')}</summary>
        <CopyText
          text={bastion.terraform}
          label={trans.__('Terraform text for %1', name)}
          trans={trans}
        />
      </details>
    </section>
  );
}
