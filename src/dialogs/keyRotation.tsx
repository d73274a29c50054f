import type { TranslationBundle } from '@jupyterlab/translation';
import type { WorkspaceKeyDescription } from '@underpass/protocol';
import * as React from 'react';

export interface IKeyRotationProps {
  previous: WorkspaceKeyDescription['previous'];
  trans: TranslationBundle;
  /** Null where the person may not. */
  onRotate: ((finish: boolean) => Promise<void>) | null;
}

/**
 * How far the rotation of the key has come, and its next step. The question before it stands in the dialog itself: a
 * second dialog would only open when this one is closed.
 */
export function KeyRotation(props: IKeyRotationProps): JSX.Element {
  const { previous, trans, onRotate } = props;
  const [asking, setAsking] = React.useState(false);
  const finish = previous !== undefined;
  React.useEffect(() => setAsking(false), [finish]);
  return (
    <section
      className={finish ? 'jp-Underpass-rotation' : ''}
      aria-label={trans.__('Rotation')}
    >
      {previous && <Progress previous={previous} trans={trans} />}
      {onRotate &&
        (asking ? (
          <div className="jp-Underpass-rotationQuestion" role="alert">
            <p>
              {finish
                ? trans.__(
                    'Bastions that know only the previous key will refuse this workspace.'
                  )
                : trans.__(
                    'A new key is made. Until all bastions know it, the present one is used as well.'
                  )}
            </p>
            <button
              type="button"
              className="jp-mod-styled"
              onClick={() => setAsking(false)}
            >
              {trans.__('Cancel')}
            </button>
            <button
              type="button"
              className={`jp-mod-styled ${finish ? 'jp-mod-warn' : 'jp-mod-accept'}`}
              onClick={() => {
                setAsking(false);
                void onRotate(finish);
              }}
            >
              {finish ? trans.__('Delete') : trans.__('Rotate')}
            </button>
          </div>
        ) : (
          <button
            type="button"
            className="jp-Underpass-link"
            onClick={() => setAsking(true)}
          >
            {finish
              ? trans.__('Delete the previous key…')
              : trans.__('Rotate the key…')}
          </button>
        ))}
    </section>
  );
}

function Progress(props: {
  previous: NonNullable<IKeyRotationProps['previous']>;
  trans: TranslationBundle;
}): JSX.Element {
  const { previous, trans } = props;
  return (
    <>
      <p>
        {trans.__(
          'The key is being rotated. Where the new one is not known yet, the previous one is used:'
        )}{' '}
        <code className="jp-Underpass-fingerprint">{previous.fingerprint}</code>
      </p>
      <p>
        {previous.bastions.length > 0
          ? trans.__(
              'Add the new one at: %1. The previous one is deleted as soon as all of them have let the new one in.',
              previous.bastions
                .map(({ user, host }) => `${user}@${host}`)
                .join(', ')
            )
          : trans.__('No integration uses a bastion now.')}
      </p>
    </>
  );
}
