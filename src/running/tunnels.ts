import type { IRunningSessions } from '@jupyterlab/running';
import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon, type LabIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { ForwardDescription } from '@underpass/protocol';

import { CommandIDs } from '../commandIds';
import { asFailure } from '../failures';
import { typeIcon } from '../icons';
import { statusOf } from '../sidebar/status';
import type { IIntegrationsModel } from '../tokens';
import { isOpen, type Tunnelled } from '../tunnels';

/**
 * The open tunnels, for the list of running sessions. A tunnel that is shut down opens again when it is used.
 */
export class RunningTunnels implements IRunningSessions.IManager, IDisposable {
  constructor(private readonly _options: RunningTunnels.IOptions) {
    const { model, trans } = _options;
    this.name = trans.__('Tunnels');
    this.shutdownLabel = trans.__('Shut Down');
    this.shutdownAllLabel = trans.__('Shut Down All');
    this.shutdownAllConfirmationText = trans.__(
      'Are you sure you want to shut down all tunnels? Queries that run through them fail. A tunnel opens again when it is used.'
    );
    model.changed.connect(this._onChanged, this);
  }

  readonly name: string;
  readonly shutdownLabel: string;
  readonly shutdownAllLabel: string;
  readonly shutdownAllConfirmationText: string;
  readonly shutdownItemIcon: LabIcon = closeIcon;

  get runningChanged(): ISignal<this, void> {
    return this._runningChanged;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._options.model.changed.disconnect(this._onChanged, this);
    Signal.clearData(this);
  }

  running(): IRunningSessions.IRunningItem[] {
    return this._open.map(tunnel => this._item(tunnel));
  }

  refreshRunning(): void {
    void this._options.model.refresh();
  }

  shutdownAll(): void {
    void this._shutDown(this._open);
  }

  private get _open(): Tunnelled[] {
    return (this._options.model.listing?.integrations ?? []).filter(isOpen);
  }

  private _item(tunnel: Tunnelled): IRunningSessions.IRunningItem {
    const { commands, model, trans } = this._options;
    const { localHost, localPort, remoteHost, remotePort, bastion } =
      tunnel.forward;
    return {
      className: 'jp-Underpass-runningTunnel',
      icon: () => typeIcon(tunnel.type),
      label: () => tunnel.name,
      labelTitle: () =>
        [
          trans.__('%1 (%2)', tunnel.name, statusOf(tunnel, trans).text),
          trans.__(
            '%1 leads to %2, via %3',
            `${localHost}:${localPort}`,
            `${remoteHost}:${remotePort}`,
            bastion
          ),
          trans._n(
            'One open connection',
            '%1 open connections',
            tunnel.forward.connections
          ),
          ...(tunnel.forward.consumers.length > 0
            ? [trans.__('Used by %1', tunnel.forward.consumers.join(', '))]
            : [])
        ].join('\n'),
      detail: () => this._state(tunnel.forward),
      open: () =>
        void commands.execute(CommandIDs.showIntegrations, {
          integration: tunnel.id
        }),
      ...(model.may('execute')
        ? { shutdown: () => void this._shutDown([tunnel]) }
        : {})
    };
  }

  /** There is room for a word or two. */
  private _state({ state, connections }: ForwardDescription): string {
    const { trans } = this._options;
    switch (state.kind) {
      case 'up':
        return connections > 0 ? trans.__('In use') : trans.__('Open');
      case 'dialling':
        return trans.__('Connecting');
      default:
        return trans.__('Retrying');
    }
  }

  private async _shutDown(tunnels: readonly Tunnelled[]): Promise<void> {
    const { model, trans } = this._options;
    const outcomes = await Promise.allSettled(
      tunnels.map(({ id }) =>
        model.request('underpass/tunnels/close', { integration: id })
      )
    );
    await model.refresh();
    const refused = outcomes.find(
      (outcome): outcome is PromiseRejectedResult =>
        outcome.status === 'rejected'
    );
    if (refused) {
      const { showFailure } = await import('../dialogs/failure');
      await showFailure(asFailure(refused.reason, trans), trans);
    }
  }

  /** What is shown is made anew at each signal: only when it would be something else. */
  private _onChanged(): void {
    const shown = JSON.stringify(
      this._open.map(({ id, name, marks, forward }) => [
        id,
        name,
        marks,
        forward.state,
        forward.connections,
        forward.consumers,
        forward.localPort,
        forward.remoteHost,
        forward.remotePort
      ])
    );
    if (shown !== this._shown) {
      this._shown = shown;
      this._runningChanged.emit();
    }
  }

  private readonly _runningChanged = new Signal<this, void>(this);
  private _shown = '[]';
  private _isDisposed = false;
}

export namespace RunningTunnels {
  export interface IOptions {
    model: IIntegrationsModel;
    commands: CommandRegistry;
    trans: TranslationBundle;
  }
}
