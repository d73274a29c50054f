import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { Integration } from '@underpass/protocol';
import * as React from 'react';

import { CommandIDs } from '../commandIds';
import { FailureNote } from '../failureNote';
import type { IIntegrationsModel, IListing } from '../tokens';
import { FirstSteps } from './firstSteps';
import { Focus } from './focus';
import { Item } from './item';
import { Problems } from './problems';

/** Milliseconds that the focus may come late: later the person does something else. */
const patience = 3000;

/**
 * The list of integrations; renders what the model holds.
 */
export class IntegrationsBody extends ReactWidget {
  constructor(private readonly _options: IntegrationsBody.IOptions) {
    super();
    this.addClass('jp-Underpass-body');
    _options.model.changed.connect(this.update, this);
  }

  /** Give the focus to an integration as soon as it is shown; to whatever comes first where its id is empty. */
  focusOn(integration: string): void {
    this._wanted = integration;
    this._wantedUntil = Date.now() + patience;
    this.update();
  }

  protected render(): JSX.Element {
    const { commands, model, trans } = this._options;
    const { listing, failure } = model;
    // What is shown of tunnels would not be true any more.
    const stopped = failure?.code === 'service-stopped';
    return (
      <>
        {failure && <FailureNote failure={failure} />}
        {stopped && model.may('execute') && (
          <button className="jp-mod-styled jp-mod-accept" onClick={this._start}>
            {trans.__('Start')}
          </button>
        )}
        {stopped ? null : listing ? (
          <>
            {this._questions(listing)}
            <Problems problems={listing.problems} trans={trans} />
            <Focus
              wanted={Date.now() < this._wantedUntil ? this._wanted : null}
              onFocused={this._onFocused}
            >
              {listing.integrations.length === 0 ? (
                <FirstSteps
                  policy={listing.policy}
                  mayAdd={model.may('write')}
                  commands={commands}
                  trans={trans}
                />
              ) : (
                this._sections(listing)
              )}
            </Focus>
          </>
        ) : (
          !failure && (
            <p className="jp-Underpass-hint">{trans.__('Loading…')}</p>
          )
        )}
      </>
    );
  }

  private _questions({ prompts }: IListing): JSX.Element | null {
    const { model, trans } = this._options;
    const mayAnswer = model.may('write');
    return prompts.length === 0 ? null : (
      <div className="jp-Underpass-question" role="status">
        <span>
          {mayAnswer
            ? trans._n(
                'A host key waits for your approval.',
                '%1 host keys wait for your approval.',
                prompts.length
              )
            : trans._n(
                'A host key waits for the approval of somebody who may change integrations.',
                '%1 host keys wait for the approval of somebody who may change integrations.',
                prompts.length
              )}
        </span>
        <button className="jp-Underpass-link" onClick={this._review}>
          {mayAnswer ? trans.__('Review…') : trans.__('Show…')}
        </button>
      </div>
    );
  }

  private _sections({ integrations }: IListing): JSX.Element {
    const { trans } = this._options;
    const inside = integrations.filter(({ connected }) => connected);
    const outside = integrations.filter(({ connected }) => !connected);
    return (
      <>
        {this._section(trans.__('In this project'), inside)}
        {outside.length > 0 && this._section(trans.__('Workspace'), outside)}
      </>
    );
  }

  private _section(
    title: string,
    integrations: readonly Integration[]
  ): JSX.Element {
    const { model, trans, onMenu } = this._options;
    return (
      <section className="jp-Underpass-section" aria-label={title}>
        <h2 className="jp-Underpass-sectionTitle">{title}</h2>
        {integrations.length === 0 && (
          <p className="jp-Underpass-hint">
            {model.may('execute')
              ? trans.__(
                  'Nothing is connected to this project. Choose Connect in the menu of an integration below.'
                )
              : trans.__('Nothing is connected to this project.')}
          </p>
        )}
        <ul className="jp-Underpass-list">
          {integrations.map(integration => (
            <Item
              key={integration.id}
              integration={integration}
              trans={trans}
              onMenu={onMenu}
              onReview={this._review}
              onRetry={model.may('execute') ? this._retry : null}
            />
          ))}
        </ul>
      </section>
    );
  }

  private readonly _onFocused = () => {
    this._wanted = null;
  };

  private readonly _retry = ({ id }: Integration) =>
    void this._options.commands.execute(CommandIDs.openTunnel, {
      integration: id
    });

  private readonly _start = () => {
    const { model } = this._options;
    // Why it can not be started is what the listing fails with.
    void model
      .request('underpass/start', {})
      .catch(() => undefined)
      .then(() => model.refresh());
  };

  private readonly _review = () =>
    void this._options.commands.execute(CommandIDs.reviewHostKeys);

  private _wanted: string | null = null;
  private _wantedUntil = 0;
}

export namespace IntegrationsBody {
  export interface IOptions {
    model: IIntegrationsModel;
    commands: CommandRegistry;
    trans: TranslationBundle;
    onMenu: (integration: Integration, button: HTMLElement) => void;
  }
}
