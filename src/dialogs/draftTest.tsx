import type { TranslationBundle } from '@jupyterlab/translation';
import type {
  Failure,
  Integration,
  IntegrationType
} from '@underpass/protocol';
import * as React from 'react';

import type { Draft } from './draft';
import { isSame } from './draft';
import { fieldErrors } from './formErrors';
import { bastionOf, stagesOf } from './stages';
import { TestView } from './testView';

export interface IDraftTestProps {
  draft: Draft;
  type: IntegrationType;
  trans: TranslationBundle;
}

/** A test of what a form says, within the form. Another one has another key. */
export function DraftTest(props: IDraftTestProps): JSX.Element | null {
  const { draft, type, trans } = props;
  // What is tested is what was typed when the test began.
  const [subject] = React.useState(() => draft.subject());
  const section = React.useRef<HTMLElement>(null);
  React.useEffect(() => {
    section.current?.focus({ preventScroll: true });
    section.current?.scrollIntoView({ block: 'start' });
  }, []);
  if (!subject) {
    return null;
  }
  const fields = subject.fields as Integration['fields'];
  const onFailure = (failure: Failure): boolean => {
    const isOfForm =
      fieldErrors(failure, type) !== null || failure.code === 'unknown-import';
    if (isOfForm) {
      draft.closeTest();
      draft.refuse(failure);
    }
    return isOfForm;
  };
  return (
    <section
      ref={section}
      tabIndex={-1}
      className="jp-Underpass-draftTest jp-Underpass-dialogBody"
      aria-label={trans.__('Test connection')}
    >
      <h3>
        {trans.__('Test connection')}
        <button
          type="button"
          className="jp-Underpass-link"
          aria-label={trans.__('Close the test')}
          onClick={() => draft.closeTest()}
        >
          {trans.__('Close')}
        </button>
      </h3>
      {!isSame(subject, draft.subject()) && (
        <p className="jp-Underpass-warning" role="status">
          {trans.__(
            'This is about what was typed before. Test again for what is typed now.'
          )}
        </p>
      )}
      <TestView
        model={draft.model}
        start={run =>
          draft.model.request(
            'underpass/integrations/testDraft',
            { ...subject, run },
            draft.path
          )
        }
        stages={stagesOf({ fields }, type)}
        bastion={bastionOf(fields)}
        onFailure={onFailure}
        trans={trans}
      />
    </section>
  );
}
