import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type {
  BetterType,
  HowToUse,
  Integration,
  Results
} from '@underpass/protocol';
import * as React from 'react';

import { KernelNote } from '../kernelNote';
import { CopyText } from './copyText';
import { LanguageTabs } from './languageTabs';

export interface IHowToUseOptions {
  integration: Integration;
  answer: Results['underpass/integrations/howToUse'];
  /** Who has started the current kernel on another machine; null for one of the server's own. */
  starter: string | null;
  /** Whether the current notebook's kernel is given variables while it runs; null if no notebook is open. */
  followed: boolean | null;
  /** Put code into the notebook; absent where it does not fit or none is open. */
  insertable: (section: HowToUse) => boolean;
  insert: (section: HowToUse) => void;
  /** Add what the tunnel leads to as a type of its own; absent where nothing may be added. */
  add?: (better: BetterType) => void;
  trans: TranslationBundle;
}

/** Ways to use one integration, ready to copy. */
export class HowToUseDialog extends Dialog<void> {
  constructor(options: IHowToUseOptions) {
    const { integration, insert, add, trans } = options;
    const leaving =
      <T,>(act: (argument: T) => void) =>
      (argument: T) => {
        this.reject();
        act(argument);
      };
    super({
      title: trans.__('How to use %1', integration.name),
      body: ReactWidget.create(
        <Ways
          {...options}
          insert={leaving(insert)}
          {...(add ? { add: leaving(add) } : {})}
        />
      ),
      buttons: [Dialog.okButton({ label: trans.__('Close') })]
    });
    this.addClass('jp-Underpass-dialog');
    this.addClass('jp-Underpass-howToUse');
  }
}

function Ways(props: IHowToUseOptions): JSX.Element {
  const { answer, starter, insertable, insert, trans } = props;
  return (
    <div className="jp-Underpass-dialogBody">
      {starter !== null && <KernelNote starter={starter} trans={trans} />}
      <Better {...props} />
      <LanguageTabs
        sections={answer.sections}
        preferred={answer.sections.find(insertable)?.language}
        trans={trans}
      >
        {section => (
          <section key={section.title} aria-label={section.title}>
            <h3>
              {section.title}
              {insertable(section) && (
                <button
                  type="button"
                  className="jp-Underpass-link"
                  onClick={() => insert(section)}
                >
                  {trans.__('Insert into notebook')}
                </button>
              )}
            </h3>
            <CopyText text={section.code} label={section.title} trans={trans} />
          </section>
        )}
      </LanguageTabs>
      <Variables {...props} />
    </div>
  );
}

/** For a plain tunnel to the port of a system that has a type of its own. */
function Better({ answer, add, trans }: IHowToUseOptions): JSX.Element | null {
  const { better } = answer;
  return (
    (better && (
      <div className="jp-Underpass-advice" role="note">
        <span>
          {trans.__(
            'Port %1 is usually the one of %2. Added as %2 it has SQL cells, completion of names, and TLS that is checked.',
            better.port,
            better.label
          )}
        </span>
        {add && (
          <button
            type="button"
            className="jp-mod-styled jp-mod-accept"
            onClick={() => add(better)}
          >
            {trans.__('Add as %1…', better.label)}
          </button>
        )}
      </div>
    )) ??
    null
  );
}

function Variables(props: IHowToUseOptions): JSX.Element | null {
  const { answer, trans } = props;
  const variables = Object.entries(answer.variables);
  if (variables.length === 0) {
    return null;
  }
  const title = trans.__('Environment variables');
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <p>{whoHasThem(props)}</p>
      <div className="jp-Underpass-variablesBox">
        <table className="jp-Underpass-variables">
          <tbody>
            {variables.map(([name, value]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Which kernels have the variables, as far as that is known here. */
function whoHasThem(props: IHowToUseOptions): string {
  const { integration, starter, followed, trans } = props;
  if (!integration.connected) {
    return trans.__(
      'No kernel has them: this integration is not connected to the project. Connect it first.'
    );
  }
  if (starter !== null) {
    return trans.__('The kernel of this notebook does not have them.');
  }
  switch (followed) {
    case true:
      return trans.__(
        'The kernel of this notebook has them, and so have new kernels of all languages.'
      );
    case false:
      return trans.__(
        'Restart the kernel of this notebook to get them, if it was started before the integration was connected. New kernels have them.'
      );
    case null:
      return trans.__(
        'Set in new kernels of all languages, and in Python and R kernels that run already. Restart other kernels to get them.'
      );
  }
}
