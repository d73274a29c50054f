import type { TranslationBundle } from '@jupyterlab/translation';
import type { Failure, IntegrationType, Results } from '@underpass/protocol';
import * as React from 'react';

import { asFailure } from '../failures';
import { FailureNote } from '../failureNote';
import { CopyText } from './copyText';
import type { Draft } from './draft';
import { useChanged } from './useChanged';

/** Milliseconds that somebody who types is given. */
const pause = 300;

export interface IBastionKeyProps {
  draft: Draft;
  type: IntegrationType;
  trans: TranslationBundle;
}

/** What the bastion of a form has to be told of the workspace's key, while the form is filled in. */
export function BastionKey(props: IBastionKeyProps): JSX.Element {
  const { draft, trans } = props;
  useChanged(draft);
  const [line, setLine] = React.useState<
    Results['underpass/key/lineFor'] | null
  >(null);
  const [failure, setFailure] = React.useState<Failure | null>(null);
  const subject = draft.subject();
  const asked = JSON.stringify([
    subject?.type,
    subject?.fields,
    subject?.integration
  ]);
  const isFirst = React.useRef(true);
  React.useEffect(() => {
    let isOver = false;
    const ask = async () => {
      const [type, fields, integration] = JSON.parse(asked);
      try {
        const answer = await draft.model.request('underpass/key/lineFor', {
          type,
          fields,
          ...(integration ? { integration } : {})
        });
        if (!isOver) {
          setLine(answer);
          setFailure(null);
        }
      } catch (error) {
        if (!isOver) {
          setFailure(asFailure(error, trans));
        }
      }
    };
    const timer = window.setTimeout(
      () => void ask(),
      isFirst.current ? 0 : pause
    );
    isFirst.current = false;
    return () => {
      isOver = true;
      window.clearTimeout(timer);
    };
  }, [draft.model, asked, trans]);
  return (
    <section
      className="jp-Underpass-keyNote"
      aria-label={trans.__('Let the workspace in at the bastion')}
    >
      {failure && <FailureNote failure={failure} />}
      {line && (
        <>
          <p>
            {trans.__(
              'The bastion must know the key of this workspace. Give one of these to whoever runs it, to be added to ~/.ssh/authorized_keys of the SSH user.'
            )}
          </p>
          <h4>{trans.__('Public key')}</h4>
          <CopyText
            text={line.publicKey}
            label={trans.__('public key')}
            trans={trans}
          />
          <h4>{trans.__('Line for authorized_keys')}</h4>
          {line.authorizedKeys === undefined ? (
            <p className="jp-Underpass-fieldHint">
              {trans.__(
                'Fill in the rest of the address: the line then allows forwarding to that server and nothing else.'
              )}
            </p>
          ) : (
            <>
              <CopyText
                text={line.authorizedKeys}
                label={trans.__('authorized_keys line')}
                trans={trans}
              />
              <p className="jp-Underpass-fieldHint">
                {trans.__(
                  'The same key, with the least rights: it allows forwarding to the servers of your integrations there and nothing else.'
                )}
              </p>
            </>
          )}
        </>
      )}
    </section>
  );
}
