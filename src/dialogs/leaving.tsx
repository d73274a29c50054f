import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

export interface ILeavingProps {
  onStay: () => void;
  onLeave: () => void;
  trans: TranslationBundle;
}

/** Asks before what was typed is lost. Within the dialog: one of its own would wait until that is closed. */
export function Leaving(props: ILeavingProps): JSX.Element {
  const { onStay, onLeave, trans } = props;
  const id = React.useId();
  const stay = React.useRef<HTMLButtonElement>(null);
  React.useEffect(() => {
    const before = document.activeElement;
    stay.current?.focus();
    return () => {
      if (before instanceof HTMLElement) {
        before.focus();
      }
    };
  }, []);
  return (
    <div
      role="alertdialog"
      aria-labelledby={`${id}-question`}
      className="jp-Underpass-leaving"
    >
      <strong id={`${id}-question`}>
        {trans.__('Discard what you typed?')}
      </strong>
      <span className="jp-Underpass-answers">
        <button
          ref={stay}
          type="button"
          className="jp-mod-styled jp-mod-accept"
          onClick={onStay}
        >
          {trans.__('Keep editing')}
        </button>
        <button
          type="button"
          className="jp-mod-styled jp-mod-warn"
          onClick={onLeave}
        >
          {trans.__('Discard')}
        </button>
      </span>
    </div>
  );
}
