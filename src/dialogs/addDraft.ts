import type {
  Failure,
  ImportEntry,
  Integration,
  IntegrationType
} from '@underpass/protocol';

import { asFailure } from '../failures';
import type { RequestParams } from '../requests';
import { Draft, type IChosenEntry, isSame } from './draft';
import type { Values } from './formSchema';
import { defaultValues } from './formSchema';

/**
 * A new integration. Keeps what was typed for each type.
 */
export class AddDraft extends Draft {
  get type(): IntegrationType | null {
    return this._type;
  }

  get secretsSet(): readonly string[] {
    return this._entry?.secretsSet ?? [];
  }

  get isDirty(): boolean {
    const { production, readOnly } = this.marks;
    return (
      this._entry !== null ||
      this._importText.trim() !== '' ||
      production ||
      readOnly ||
      [...this._typed].some(
        ([id, values]) => !isSame(strip(values), strip(this._defaults(id)))
      )
    );
  }

  /** Connections of other programs are looked at. */
  get isImporting(): boolean {
    return this._isImporting;
  }

  set isImporting(value: boolean) {
    this._isImporting = value;
    this.update();
  }

  /** Lines to import that were typed and not read yet. */
  get importText(): string {
    return this._importText;
  }

  set importText(value: string) {
    this._importText = value;
    this.update();
  }

  /** Why the URL that was pasted last could not be read. */
  get urlFailure(): Failure | null {
    return this._urlFailure;
  }

  /** What of that URL, or of an imported entry, was not taken as it stands. */
  get remarks(): readonly string[] {
    return this._remarks;
  }

  /** Go to the form of a type, or back to the choice. */
  choose(type: IntegrationType | null): void {
    this._type = type;
    this._entry = null;
    this._urlFailure = null;
    this._remarks = [];
    this.clearFailure();
    this.closeTest();
    if (type) {
      const { name } = this.values;
      const known = this._typed.get(type.id) ?? defaultValues(type);
      this.edit({ ...known, name });
    }
  }

  /** Begin with the form of a type, some of its fields filled in; with the choice, if it is not offered. */
  begin(id: string, fields: object): void {
    const type = this._typeOf(id);
    if (type) {
      this.choose(type);
      this.edit({ ...defaultValues(type), ...fields });
    }
  }

  override edit(values: Values): void {
    if (this._type) {
      this._typed.set(this._type.id, values);
    }
    super.edit(values);
  }

  /** Fill in the form of its type from a connection URL; false when the service refused, which `urlFailure` explains. */
  async paste(url: string): Promise<boolean> {
    const before = this._type;
    try {
      const parsed = await this.model.request(
        'underpass/integrations/parseUrl',
        { url, ...(before ? { type: before.id } : {}) }
      );
      const type = this._typeOf(parsed.type);
      if (!type || this._type !== before) {
        return false;
      }
      this.choose(type);
      this._remarks = parsed.remarks;
      const filled = { ...parsed.fields, ...parsed.secrets };
      // What the URL before this one said is not what the person typed.
      const pasted = this._pasted.get(type.id) ?? {};
      const typed = Object.entries(this.values).filter(
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
      this._urlFailure = asFailure(error, this.trans);
      this._remarks = [];
      this.update();
      return false;
    }
  }

  /** Fill in the form from an entry of an import; its secrets stay in the service. */
  take(entry: ImportEntry, from: string): void {
    const type = this._typeOf(entry.type);
    if (type) {
      this._isImporting = false;
      this.choose(type);
      this._entry = {
        reference: { import: from, entry: entry.id },
        secretsSet: entry.secretsSet
      };
      this._remarks = entry.remarks;
      this.edit({ ...defaultValues(type), ...entry.fields, name: entry.name });
    }
  }

  subject(): RequestParams<'underpass/integrations/testDraft'> | null {
    const { type } = this;
    return type ? { ...this._sent(type), type: type.id } : null;
  }

  protected send(type: IntegrationType): Promise<Integration> {
    const { name } = this.typed(type);
    return this.model.request('underpass/integrations/add', {
      ...this._sent(type),
      type: type.id,
      name
    });
  }

  protected refused({ code }: Failure): Promise<void> {
    if (code === 'unknown-import') {
      // The service has its secrets no more: they are to be typed.
      this._entry = null;
    }
    return Promise.resolve();
  }

  private _sent(type: IntegrationType) {
    const { fields, secrets, marks } = this.typed(type);
    return {
      fields,
      // There is nothing yet to remove one from: an empty text is the same.
      secrets: Object.fromEntries(
        Object.entries(secrets).map(([field, value]) => [field, value ?? ''])
      ),
      marks,
      ...(this._entry ? { imported: this._entry.reference } : {})
    };
  }

  private _typeOf(id: string): IntegrationType | undefined {
    return this.model.listing?.types.find(type => type.id === id);
  }

  private _defaults(id: string): Values {
    const type = this._typeOf(id);
    return type ? defaultValues(type) : {};
  }

  private _type: IntegrationType | null = null;
  private _isImporting = false;
  private _importText = '';
  private readonly _typed = new Map<string, Values>();
  private _urlFailure: Failure | null = null;
  /** What the last URL of each type said. */
  private readonly _pasted = new Map<string, Values>();
  private _entry: IChosenEntry | null = null;
  private _remarks: readonly string[] = [];
}

/** In one order, without what is empty. */
function strip(values: Values): [string, unknown][] {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== '')
    .sort(([a], [b]) => a.localeCompare(b));
}
