import * as React from 'react';

import type { Draft } from './draft';

/** Render again whenever the draft changes: rjsf renders a field only when its own value does. */
export function useChanged(draft: Draft): void {
  const [, render] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    draft.changed.connect(render);
    return () => {
      draft.changed.disconnect(render);
    };
  }, [draft]);
}
