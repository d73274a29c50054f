import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { Integration } from '@underpass/protocol';
import * as React from 'react';

import { CommandIDs } from '../commandIds';
import { FailureNote } from '../failureNote';
import { underpassIcon } from '../icons';
import type { IIntegrationsModel, IListing } from '../tokens';
import { Item } from './item';
import { Problems } from './problems';

/**
 * The list of integrations; renders what the model holds.
 */
export class IntegrationsBody extends ReactWidget {
  constructor(private readonly _options: IntegrationsBody.IOptions) {
    super();
    this.addClass('jp-Underpass-body');
    _options.model.changed.connect(this.update, this);
  }

  protected render(): JSX.Element {
    const { model, trans } = this._options;
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
            {listing.integrations.length === 0
              ? this._firstSteps(listing)
              : this._sections(listing)}
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

  private _firstSteps({ policy }: IListing): JSX.Element {
    const { commands, model, trans } = this._options;
    const { sshTunnels, genericTunnel } = policy;
    if (!model.may('write')) {
      return (
        <div className="jp-Underpass-empty">
          <underpassIcon.react tag="div" className="jp-Underpass-emptyIcon" />
          <h2>{trans.__('No integrations yet')}</h2>
          <p>
            {trans.__(
              'You may use integrations on this Jupyter server, but not add any. Ask its owner to add one.'
            )}
          </p>
        </div>
      );
    }
    return (
      <div className="jp-Underpass-empty">
        <underpassIcon.react tag="div" className="jp-Underpass-emptyIcon" />
        <h2>{trans.__('Connect your first database')}</h2>
        <ol>
          <li>
            {sshTunnels && genericTunnel
              ? trans.__(
                  'Add an integration: a database, or an SSH tunnel to any service.'
                )
              : trans.__('Add an integration: a database.')}
          </li>
          {sshTunnels && (
            <li>
              {trans.__(
                'Behind a bastion? Add the workspace’s public key to it; the form shows it.'
              )}
            </li>
          )}
          <li>
            {sshTunnels
              ? trans.__(
                  'Insert an SQL cell and run it: the tunnel opens by itself.'
                )
              : trans.__('Insert an SQL cell and run it.')}
          </li>
        </ol>
        <button
          className="jp-mod-styled jp-mod-accept"
          onClick={() => void commands.execute(CommandIDs.add)}
        >
          {trans.__('Add integration')}
        </button>
      </div>
    );
  }

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
}

export namespace IntegrationsBody {
  export interface IOptions {
    model: IIntegrationsModel;
    commands: CommandRegistry;
    trans: TranslationBundle;
    onMenu: (integration: Integration, button: HTMLElement) => void;
  }
}
