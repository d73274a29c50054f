import type { Failure } from '@underpass/protocol';
import * as React from 'react';

/** What happened and what to do, for a panel or a dialog. */
export function FailureNote({ failure }: { failure: Failure }): JSX.Element {
  return (
    <div className="jp-Underpass-failure" role="alert">
      <strong>{failure.message}</strong>
      <span>{failure.fix}</span>
    </div>
  );
}
