import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { copyIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

export interface ICopyTextProps {
  text: string;
  /** What it is, for the button's accessible name. */
  label: string;
  trans: TranslationBundle;
  className?: string;
}

/** Text in a box with a button that copies it. */
export function CopyText(props: ICopyTextProps): JSX.Element {
  const { text, label, trans, className } = props;
  return (
    <div className={`jp-Underpass-copy ${className ?? ''}`}>
      <pre tabIndex={0} role="group" aria-label={label}>
        {text}
      </pre>
      <CopyButton text={text} label={label} trans={trans} />
    </div>
  );
}

/** @param props.children what the button says instead of "Copy" */
export function CopyButton(
  props: ICopyTextProps & { children?: string }
): JSX.Element {
  const { text, label, trans, className, children } = props;
  const [copied, setCopied] = React.useState(false);
  return (
    <button
      type="button"
      className={`jp-mod-styled jp-mod-minimal ${className ?? ''}`}
      aria-label={trans.__('Copy %1', label)}
      onBlur={() => setCopied(false)}
      onClick={() => {
        Clipboard.copyToSystem(text);
        setCopied(true);
      }}
    >
      <copyIcon.react tag="span" elementSize="normal" />
      <span aria-live="polite">
        {copied ? trans.__('Copied') : (children ?? trans.__('Copy'))}
      </span>
    </button>
  );
}
