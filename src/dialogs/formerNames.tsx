import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { EditDraft } from './editDraft';
import { useChanged } from './useChanged';

export interface IFormerNamesProps {
  draft: EditDraft;
  trans: TranslationBundle;
}

/** What a new name does to notebooks, and the names that it had. */
export function FormerNames(props: IFormerNamesProps): JSX.Element | null {
  const { draft, trans } = props;
  useChanged(draft);
  const { base, aliases } = draft;
  return (
    <>
      {draft.isRenamed && (
        <div className="jp-Underpass-fieldHint" role="status">
          {trans.__(
            'Cells that say "%1" keep working: it stays as a former name. Variables that begin with %2_ get the new name in new kernels.',
            base.name,
            base.environmentPrefix
          )}
        </div>
      )}
      {base.aliases.length > 0 && (
        <div className="jp-Underpass-formerNames">
          <span id="jp-Underpass-formerNames">
            {trans.__('Former names, which cells may still say:')}
          </span>
          <ul aria-labelledby="jp-Underpass-formerNames">
            {base.aliases.map(alias => {
              const isKept = aliases.includes(alias);
              return (
                <li key={alias}>
                  <span className={isKept ? '' : 'jp-Underpass-dropped'}>
                    {alias}
                  </span>
                  <button
                    type="button"
                    className="jp-Underpass-link"
                    aria-label={
                      isKept
                        ? trans.__('Drop the former name %1', alias)
                        : trans.__('Keep the former name %1', alias)
                    }
                    onClick={() => draft.keepAlias(alias, !isKept)}
                  >
                    {isKept ? trans.__('Drop') : trans.__('Keep')}
                  </button>
                </li>
              );
            })}
          </ul>
        </div>
      )}
    </>
  );
}
