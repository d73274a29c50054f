import type { Event } from '@jupyterlab/services';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type {
  Failure,
  Integration,
  IntegrationType,
  Method,
  Results
} from '@underpass/protocol';

import { asFailure } from './failures';
import type { RequestParams } from './requests';
import { request } from './requests';
import type { Right } from './rights';
import { fetchRights } from './rights';
import type { IIntegrationsModel, IListing } from './tokens';

/** Schema of the hints on the Jupyter event bus. */
const changedSchema =
  'https://underpass.readthedocs.io/events/changed/v1' as const;

/** Milliseconds between fetches when no hint comes: the event bus does not tell that it was away. */
const interval = 20_000;

/**
 * Fetches the integrations and keeps them fresh. Constructing it does nothing but connect signals.
 */
export class IntegrationsModel implements IIntegrationsModel, IDisposable {
  constructor(options: IntegrationsModel.IOptions) {
    this._settings = options.serverSettings;
    this._events = options.events;
    this._trans = options.trans;
    this._events.stream.connect(this._onEvent, this);
    this._poll = new Poll({
      auto: false,
      name: 'jupyterlab-underpass:integrations',
      factory: () => this.refresh(),
      frequency: { interval, backoff: false },
      standby: 'when-hidden'
    });
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get testChanged(): ISignal<this, string> {
    return this._testChanged;
  }

  get listing(): IListing | null {
    return this._listing;
  }

  get failure(): Failure | null {
    return this._failure;
  }

  get databases(): readonly Integration[] {
    return (this._listing?.integrations ?? []).filter(
      integration =>
        integration.connected && this.typeOf(integration)?.kind === 'database'
    );
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Fetch for the first time and from now on. */
  start(): Promise<void> {
    void this._poll.start();
    return this.refresh();
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._poll.dispose();
    this._events.stream.disconnect(this._onEvent, this);
    Signal.clearData(this);
  }

  may(right: Right): boolean {
    return this._rights?.has(right) ?? true;
  }

  async request<M extends Method>(
    method: M,
    params: RequestParams<M>,
    path?: string
  ): Promise<Results[M]> {
    try {
      return await request(this._settings, method, params, path);
    } catch (error) {
      if (isRefusal(error)) {
        // They may be others than they were.
        this._rightsAreOld = true;
      }
      throw error;
    }
  }

  refresh(): Promise<void> {
    if (this._fetching) {
      // What is on its way may have been read before the change.
      return (this._next ??= this._fetching.then(() => {
        this._next = null;
        return this.refresh();
      }));
    }
    this._fetching = this._fetch().finally(() => {
      this._fetching = null;
    });
    return this._fetching;
  }

  find(reference: string): Integration | undefined {
    const name = reference.toLowerCase();
    const all = this._listing?.integrations ?? [];
    return (
      all.find(({ id }) => id === reference) ??
      all.find(integration => integration.name.toLowerCase() === name) ??
      all.find(({ aliases }) =>
        aliases.some(alias => alias.toLowerCase() === name)
      )
    );
  }

  typeOf(integration: Integration): IntegrationType | undefined {
    return this._listing?.types.find(({ id }) => id === integration.type);
  }

  private async _fetch(): Promise<void> {
    try {
      if (this._rightsAreOld) {
        this._rights = await fetchRights(this._settings);
        this._rightsAreOld = false;
      }
      const policy = this.request('underpass/policy/show', {});
      const [types, { project, integrations }, { prompts }, { problems }] =
        await Promise.all([
          policy.then(now => this._types(now)),
          this.request('underpass/integrations/list', {}),
          this.request('underpass/prompts/list', {}),
          this.request('underpass/workspace/problems', {})
        ]);
      this._listing = {
        project,
        integrations: [...integrations].sort((a, b) =>
          a.name.localeCompare(b.name)
        ),
        types,
        policy: await policy,
        prompts,
        problems
      };
      this._failure = null;
    } catch (error) {
      this._failure = asFailure(error, this._trans);
    }
    if (!this._isDisposed) {
      this._changed.emit();
    }
  }

  /** They change with what is switched off, and else never. */
  private async _types(
    policy: IListing['policy']
  ): Promise<readonly IntegrationType[]> {
    const last = this._listing;
    if (last && JSON.stringify(last.policy) === JSON.stringify(policy)) {
      return last.types;
    }
    const { types } = await this.request('underpass/types/list', {});
    return types;
  }

  private _onEvent(_: Event.IManager, event: Event.Emission): void {
    if (event.schema_id !== changedSchema) {
      return;
    }
    if (event.topic === 'tests') {
      // The listing has nothing of tests.
      this._testChanged.emit(String(event.id));
      return;
    }
    void this.refresh();
  }

  private readonly _settings: ServerConnection.ISettings;
  private readonly _events: Event.IManager;
  private readonly _trans: TranslationBundle;
  private readonly _poll: Poll;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _testChanged = new Signal<this, string>(this);
  private _rights: ReadonlySet<Right> | null = null;
  private _rightsAreOld = true;
  private _listing: IListing | null = null;
  private _failure: Failure | null = null;
  private _fetching: Promise<void> | null = null;
  private _next: Promise<void> | null = null;
  private _isDisposed = false;
}

function isRefusal(error: unknown): boolean {
  return (
    error instanceof ServerConnection.ResponseError &&
    error.response.status === 403
  );
}

export namespace IntegrationsModel {
  export interface IOptions {
    serverSettings: ServerConnection.ISettings;
    events: Event.IManager;
    trans: TranslationBundle;
  }
}
