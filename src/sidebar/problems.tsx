import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon } from '@jupyterlab/ui-components';
import type { WorkspaceProblem } from '@underpass/protocol';
import * as React from 'react';

export interface IProblemsProps {
  problems: readonly WorkspaceProblem[];
  trans: TranslationBundle;
}

/** Problems whose notice was closed since the page was loaded. */
const closed = new Set<string>();

/** What is wrong with the files of the workspace: what was lost, and what to do. Each can be closed. */
export function Problems({
  problems,
  trans
}: IProblemsProps): JSX.Element | null {
  const [, update] = React.useReducer((count: number) => count + 1, 0);
  const open = problems.filter(problem => !closed.has(keyOf(problem)));
  return open.length === 0 ? null : (
    <div role="status" aria-label={trans.__('Problems')}>
      {open.map(problem => {
        const { path, failure } = problem;
        const file = path.replace(/^.*[/\\]/, '');
        return (
          <div key={keyOf(problem)} className="jp-Underpass-problem">
            <div className="jp-Underpass-problemTitle">
              <strong>{trans.__('Problem with %1', file)}</strong>
              <button
                className="jp-Underpass-iconButton"
                title={trans.__('Close')}
                aria-label={trans.__('Close the notice about %1', file)}
                onClick={() => {
                  closed.add(keyOf(problem));
                  update();
                }}
              >
                <closeIcon.react tag="span" elementSize="normal" />
              </button>
            </div>
            <p>{failure.message}</p>
            <p className="jp-Underpass-problemFix">{failure.fix}</p>
          </div>
        );
      })}
    </div>
  );
}

/** The same problem with another damaged file is another problem. */
function keyOf({ path, keptAs, failure }: WorkspaceProblem): string {
  return keptAs ?? `${path} ${failure.message}`;
}
