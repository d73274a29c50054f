import type { TranslationBundle } from '@jupyterlab/translation';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type {
  Failure,
  ImportedEntry,
  Integration,
  IntegrationType,
  Marks
} from '@underpass/protocol';

import { asFailure } from '../failures';
import type { RequestParams } from '../requests';
import type { IIntegrationsModel } from '../tokens';
import type { Values } from './formSchema';
import { splitValues, usesSsh } from './formSchema';

/**
 * An integration that is being typed, a new one or a change. Keeps what was typed, whatever the service says to it.
 *
 * Of a secret that the service has, the value is undefined while it is to stay, null when it is to be removed, and the
 * text that is to replace it otherwise.
 */
export abstract class Draft {
  constructor(
    readonly model: IIntegrationsModel,
    /** Contents path of the notebook whose kernel has the drivers for a test; '' for none. */
    readonly path: string,
    protected readonly trans: TranslationBundle
  ) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Null until it is chosen. */
  abstract readonly type: IntegrationType | null;

  /** Names of the secrets that the service has for it. */
  abstract readonly secretsSet: readonly string[];

  /** Whether something would be lost with it. */
  abstract readonly isDirty: boolean;

  get values(): Values {
    return this._values;
  }

  get marks(): Marks {
    return this._marks;
  }

  /** Why the service refused the last attempt. */
  get failure(): Failure | null {
    return this._failure;
  }

  get busy(): boolean {
    return this._busy;
  }

  /** The person was about to leave, and is asked about what was typed. */
  get isLeaving(): boolean {
    return this._isLeaving;
  }

  set isLeaving(value: boolean) {
    this._isLeaving = value;
    this.update();
  }

  /** Which test is shown, counted from 1; 0 for none. */
  get test(): number {
    return this._test;
  }

  get usesSsh(): boolean {
    return this.type !== null && usesSsh(this.type, this._values);
  }

  /** Take all values of the form. */
  edit(values: Values): void {
    this._values = values;
    this.update();
  }

  mark(marks: Partial<Marks>): void {
    this._marks = { ...this._marks, ...marks };
    this.update();
  }

  /** Test what is typed, anew. */
  startTest(): void {
    if (this.type) {
      this._failure = null;
      this._test++;
      this.update();
    }
  }

  closeTest(): void {
    this._test = 0;
    this.update();
  }

  /** Show why the service refuses what is typed, at its field. */
  refuse(failure: Failure): void {
    this._failure = failure;
    void this.refused(failure);
    this.update();
  }

  /** What a test is about: what is typed now. */
  abstract subject(): RequestParams<'underpass/integrations/testDraft'> | null;

  /** Save it; null when the service refused, which `failure` explains. */
  async submit(): Promise<Integration | null> {
    if (!this.type || this._busy) {
      return null;
    }
    this._busy = true;
    this._failure = null;
    this.update();
    try {
      return await this.send(this.type);
    } catch (error) {
      this._failure = asFailure(error, this.trans);
      await this.refused(this._failure);
      return null;
    } finally {
      this._busy = false;
      this.update();
    }
  }

  protected abstract send(type: IntegrationType): Promise<Integration>;

  /** The service refused; what else is to be known then. Never rejects. */
  protected abstract refused(failure: Failure): Promise<void>;

  protected clearFailure(): void {
    this._failure = null;
  }

  /** What is typed, as the service takes it. */
  protected typed(type: IntegrationType): {
    name: string;
    marks: Marks;
  } & ReturnType<typeof splitValues> {
    return {
      name: String(this._values.name ?? ''),
      marks: this._marks,
      ...splitValues(type, this._values)
    };
  }

  protected setMarks(marks: Marks): void {
    this._marks = marks;
  }

  protected update(): void {
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _values: Values = {};
  private _marks: Marks = { production: false, readOnly: false };
  private _failure: Failure | null = null;
  private _busy = false;
  private _isLeaving = false;
  private _test = 0;
}

/** An entry that was chosen from an import, and the names of its secrets. */
export interface IChosenEntry {
  reference: ImportedEntry;
  secretsSet: readonly string[];
}

export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
