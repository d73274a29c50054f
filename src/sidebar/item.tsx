import type { TranslationBundle } from '@jupyterlab/translation';
import { ellipsesIcon } from '@jupyterlab/ui-components';
import type { Integration } from '@underpass/protocol';
import * as React from 'react';

import { statusOf } from './status';

export interface IItemProps {
  integration: Integration;
  trans: TranslationBundle;
  /** Open the menu of this integration below a button. */
  onMenu: (integration: Integration, button: HTMLElement) => void;
  onReview: () => void;
  /** Null where the person may not. */
  onRetry: ((integration: Integration) => void) | null;
}

/** One integration of the list. */
export function Item(props: IItemProps): JSX.Element {
  const { integration, trans, onMenu, onReview, onRetry } = props;
  const { name, typeLabel, forward } = integration;
  const status = statusOf(integration, trans);
  const menuButton = React.useRef<HTMLButtonElement>(null);
  return (
    <li
      className="jp-Underpass-item"
      data-tone={status.tone}
      onContextMenu={event => {
        event.preventDefault();
        event.stopPropagation();
        if (menuButton.current) {
          onMenu(integration, menuButton.current);
        }
      }}
    >
      <span className="jp-Underpass-dot" aria-hidden="true" />
      <div className="jp-Underpass-itemText">
        <div className="jp-Underpass-itemName" title={name}>
          {name}
        </div>
        <div className="jp-Underpass-itemKind">
          {forward
            ? trans.__('%1 via %2', typeLabel, forward.bastion)
            : typeLabel}
        </div>
        <div className="jp-Underpass-itemStatus" title={status.text}>
          {status.text}
        </div>
        {status.failure && (
          <div className="jp-Underpass-itemFix">{status.failure.fix}</div>
        )}
        {status.retry && onRetry && (
          <button
            className="jp-Underpass-link"
            aria-label={trans.__('Try %1 again', name)}
            onClick={() => onRetry(integration)}
          >
            {trans.__('Try again')}
          </button>
        )}
        {status.needsApproval && (
          <button className="jp-Underpass-link" onClick={onReview}>
            {trans.__('Review host key…')}
          </button>
        )}
      </div>
      <button
        ref={menuButton}
        className="jp-Underpass-iconButton jp-Underpass-itemMenu"
        title={trans.__('More actions')}
        aria-label={trans.__('More actions for %1', name)}
        aria-haspopup="menu"
        onClick={event => onMenu(integration, event.currentTarget)}
      >
        <ellipsesIcon.react tag="span" elementSize="normal" />
      </button>
    </li>
  );
}
