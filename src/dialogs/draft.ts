import type { TranslationBundle } from '@jupyterlab/translation';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type {
  Failure,
  Integration,
  IntegrationType
} from '@underpass/protocol';

import { asFailure } from '../failures';
import type { IIntegrationsModel } from '../tokens';
import type { Values } from './formSchema';
import { defaultValues, splitValues, usesSsh } from './formSchema';

/**
 * An integration that is being typed. Keeps what was typed for each type, whatever the service says to it.
 */
export class Draft {
  constructor(
    readonly model: IIntegrationsModel,
    private readonly _trans: TranslationBundle
  ) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get type(): IntegrationType | null {
    return this._type;
  }

  get values(): Values {
    return this._values;
  }

  /** Why the service refused the last attempt. */
  get failure(): Failure | null {
    return this._failure;
  }

  get busy(): boolean {
    return this._busy;
  }

  /** The workspace's public key; null until it is known. */
  get publicKey(): string | null {
    return this._publicKey;
  }

  get usesSsh(): boolean {
    return this._type !== null && usesSsh(this._type, this._values);
  }

  /** Why the URL that was pasted last could not be read. */
  get urlFailure(): Failure | null {
    return this._urlFailure;
  }

  /** What of that URL was not taken as it stands. */
  get remarks(): readonly string[] {
    return this._remarks;
  }

  /** Go to the form of a type, or back to the choice. */
  choose(type: IntegrationType | null): void {
    this._type = type;
    this._failure = null;
    this._urlFailure = null;
    this._remarks = [];
    if (type) {
      const { name } = this._values;
      this._values = this._typed.get(type.id) ?? defaultValues(type);
      this.edit({ ...this._values, name });
      return;
    }
    this._update();
  }

  /** Take all values of the form. */
  edit(values: Values): void {
    this._values = values;
    if (this._type) {
      this._typed.set(this._type.id, values);
    }
    this._update();
  }

  /** Fill in the form of its type from a connection URL; false when the service refused, which `urlFailure` explains. */
  async paste(url: string): Promise<boolean> {
    const before = this._type;
    try {
      const parsed = await this.model.request(
        'underpass/integrations/parseUrl',
        { url, ...(before ? { type: before.id } : {}) }
      );
      const type = this.model.listing?.types.find(
        ({ id }) => id === parsed.type
      );
      if (!type || this._type !== before) {
        return false;
      }
      this.choose(type);
      this._remarks = parsed.remarks;
      const filled = { ...parsed.fields, ...parsed.secrets };
      // What the URL before this one said is not what the person typed.
      const pasted = this._pasted.get(type.id) ?? {};
      const typed = Object.entries(this._values).filter(
        ([field, value]) => !(field in pasted) || !isSame(value, pasted[field])
      );
      this._pasted.set(type.id, filled);
      this.edit({
        ...defaultValues(type),
        ...Object.fromEntries(typed),
        ...filled
      });
      return true;
    } catch (error) {
      this._urlFailure = asFailure(error, this._trans);
      this._remarks = [];
      this._update();
      return false;
    }
  }

  /** Add it; null when the service refused, which `failure` explains. */
  async submit(): Promise<Integration | null> {
    const type = this._type;
    if (!type || this._busy) {
      return null;
    }
    this._busy = true;
    this._failure = null;
    this._update();
    try {
      return await this.model.request('underpass/integrations/add', {
        type: type.id,
        name: String(this._values.name ?? ''),
        ...splitValues(type, this._values)
      });
    } catch (error) {
      this._failure = asFailure(error, this._trans);
      return null;
    } finally {
      this._busy = false;
      this._update();
    }
  }

  private _update(): void {
    if (this.usesSsh && this._publicKey === null) {
      void this._fetchKey();
    }
    this._changed.emit();
  }

  private async _fetchKey(): Promise<void> {
    this._publicKey = '';
    try {
      const key = await this.model.request('underpass/key/show', {});
      this._publicKey = key.publicKey;
    } catch (error) {
      this._failure = asFailure(error, this._trans);
    }
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _type: IntegrationType | null = null;
  private _values: Values = {};
  private readonly _typed = new Map<string, Values>();
  private _failure: Failure | null = null;
  private _urlFailure: Failure | null = null;
  /** What the last URL of each type said. */
  private readonly _pasted = new Map<string, Values>();
  private _remarks: readonly string[] = [];
  private _busy = false;
  private _publicKey: string | null = null;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
