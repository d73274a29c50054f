import type { TranslationBundle } from '@jupyterlab/translation';
import { ellipsesIcon } from '@jupyterlab/ui-components';
import type { Integration } from '@underpass/protocol';
import * as React from 'react';

import { typeIcon } from '../icons';
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
  const { id, name, type, typeLabel, marks, forward } = integration;
  const status = statusOf(integration, trans);
  const menuButton = React.useRef<HTMLButtonElement>(null);
  const icon = typeIcon(type);
  return (
    <li
      className="jp-Underpass-item"
      data-integration={id}
      data-tone={status.tone}
      data-production={marks.production || undefined}
      onContextMenu={event => {
        event.preventDefault();
        event.stopPropagation();
        if (menuButton.current) {
          onMenu(integration, menuButton.current);
        }
      }}
    >
      <icon.react
        tag="span"
        className="jp-Underpass-itemIcon"
        aria-hidden="true"
        width="20px"
        height="20px"
      />
      <div className="jp-Underpass-itemText">
        <div className="jp-Underpass-itemName" title={name}>
          {name}
        </div>
        {(marks.production || marks.readOnly) && (
          <div className="jp-Underpass-marks">
            {marks.production && (
              <span className="jp-Underpass-mark" data-mark="production">
                {trans.__('Production')}
              </span>
            )}
            {marks.readOnly && (
              <span className="jp-Underpass-mark">{trans.__('Read-only')}</span>
            )}
          </div>
        )}
        <div className="jp-Underpass-itemKind">
          {forward
            ? trans.__('%1 via %2', typeLabel, forward.bastion)
            : typeLabel}
        </div>
        <div className="jp-Underpass-itemStatus" title={status.text}>
          <span className="jp-Underpass-dot" aria-hidden="true" />
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
