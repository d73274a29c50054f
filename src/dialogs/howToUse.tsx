import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { HowToUse, Integration, Results } from '@underpass/protocol';
import * as React from 'react';

import { KernelNote } from '../kernelNote';
import { CopyText } from './copyText';

export interface IHowToUseOptions {
  integration: Integration;
  answer: Results['underpass/integrations/howToUse'];
  /** Who has started the current kernel on another machine; null for one of the server's own. */
  starter: string | null;
  /** Put code into the notebook; absent where it does not fit or none is open. */
  insertable: (section: HowToUse) => boolean;
  insert: (section: HowToUse) => void;
  trans: TranslationBundle;
}

/** Ways to use one integration, ready to copy. */
export class HowToUseDialog extends Dialog<void> {
  constructor(options: IHowToUseOptions) {
    const { integration, insert, trans } = options;
    super({
      title: trans.__('How to use %1', integration.name),
      body: ReactWidget.create(
        <Sections
          {...options}
          insert={section => {
            insert(section);
            this.reject();
          }}
        />
      ),
      buttons: [Dialog.okButton({ label: trans.__('Close') })]
    });
    this.addClass('jp-Underpass-dialog');
  }
}

function Sections(props: IHowToUseOptions): JSX.Element {
  const { answer, starter, insertable, insert, trans } = props;
  const variables = Object.entries(answer.variables);
  return (
    <div className="jp-Underpass-dialogBody">
      {starter !== null && <KernelNote starter={starter} trans={trans} />}
      {answer.sections.map(section => (
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
      ))}
      {variables.length > 0 && (
        <section aria-label={trans.__('Environment variables')}>
          <h3>{trans.__('Environment variables')}</h3>
          <p>
            {trans.__(
              'Set in new kernels of all languages, and in Python and R kernels that run already. Restart other kernels to get them.'
            )}
          </p>
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
        </section>
      )}
    </div>
  );
}
