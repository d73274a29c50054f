import type { TranslationBundle } from '@jupyterlab/translation';
import type {
  Failure,
  Integration,
  IntegrationType,
  Marks
} from '@underpass/protocol';

import type { RequestParams } from '../requests';
import type { IIntegrationsModel } from '../tokens';
import type { IDifference } from './conflict';
import { differences, merged } from './conflict';
import { Draft, isSame } from './draft';
import { defaultValues, isHidden, splitValues } from './formSchema';
import type { Values } from './formSchema';

/**
 * A change of an integration. It is made from one state of it; when that is another one meanwhile, the person decides.
 */
export class EditDraft extends Draft {
  constructor(
    model: IIntegrationsModel,
    integration: Integration,
    readonly type: IntegrationType,
    path: string,
    trans: TranslationBundle
  ) {
    super(model, path, trans);
    this._base = integration;
    this._reset();
    model.changed.connect(this._onChanged, this);
  }

  /** The state that the change is made from. */
  get base(): Integration {
    return this._base;
  }

  get secretsSet(): readonly string[] {
    const { secretsSet, secretsUnreadable = [] } = this._base;
    return secretsSet.filter(field => !secretsUnreadable.includes(field));
  }

  /** Those that have to be entered again. */
  get secretsLost(): readonly string[] {
    return this._base.secretsUnreadable ?? [];
  }

  /** Former names that are to stay. */
  get aliases(): readonly string[] {
    return this._aliases;
  }

  /** What somebody else has made of it meanwhile. */
  get theirs(): Integration | null {
    return this._theirs;
  }

  /** What that changes, field by field. */
  get differences(): readonly IDifference[] {
    return this._theirs
      ? differences(
          this.type,
          stateOf(this._base, this.type),
          stateOf(this._theirs, this.type),
          this._state()
        )
      : [];
  }

  get isDirty(): boolean {
    return !isSame(this._state(), stateOf(this._base, this.type));
  }

  get isRenamed(): boolean {
    const name = String(this.values.name ?? '').trim();
    return name !== '' && name !== this._base.name;
  }

  keepAlias(alias: string, keep: boolean): void {
    this._aliases = this._base.aliases.filter(other =>
      other === alias ? keep : this._aliases.includes(other)
    );
    this.update();
  }

  /** Go on from their state, with what was typed here. */
  takeOver(): void {
    if (this._theirs) {
      const state = merged(
        stateOf(this._base, this.type),
        stateOf(this._theirs, this.type),
        this._state()
      );
      this._base = this._theirs;
      this._settle();
      this._show(state);
    }
  }

  /** Go on from their state, without what was typed here. */
  discard(): void {
    if (this._theirs) {
      this._base = this._theirs;
      this._settle();
      this._reset();
    }
  }

  subject(): RequestParams<'underpass/integrations/testDraft'> {
    const { fields, secrets, marks } = this.typed(this.type);
    const { id, type } = this._base;
    return {
      type,
      fields: { ...this._hidden(), ...fields },
      secrets,
      marks,
      integration: id
    };
  }

  dispose(): void {
    this.model.changed.disconnect(this._onChanged, this);
  }

  protected send(type: IntegrationType): Promise<Integration> {
    const { name, fields, secrets, marks } = this.typed(type);
    const { id, revision, name: former } = this._base;
    return this.model.request('underpass/integrations/update', {
      integration: id,
      ...(name === former ? {} : { name }),
      fields: { ...this._hidden(), ...fields },
      secrets,
      marks,
      // The name that it has now becomes a former one.
      aliases: [...this._aliases, former],
      revision
    });
  }

  protected async refused({ code }: Failure): Promise<void> {
    if (code === 'changed-meanwhile') {
      try {
        this._theirs = await this.model.request('underpass/integrations/get', {
          integration: this._base.id
        });
        this.clearFailure();
      } catch {
        // The refusal itself says enough.
        return;
      }
    }
  }

  /**
   * Fields that stay as they are. This form has some not, such as those of a bastion where the administrator allows
   * none now: to leave them out would make another connection of it, one that goes around the bastion. Others it hides,
   * such as the bastion while SSH is off: who switches it on again finds them.
   */
  private _hidden(): Integration['fields'] {
    const { order } = this.type;
    return {
      ...Object.fromEntries(
        Object.entries(this._base.fields).filter(
          ([field]) => !order.includes(field)
        )
      ),
      ...this._hiddenWith(this.values)
    };
  }

  /** Fields of the form that it hides with these values. */
  private _hiddenWith(values: Values): Integration['fields'] {
    const { type } = this;
    return Object.fromEntries(
      Object.entries(this._base.fields).filter(
        ([field]) => type.order.includes(field) && isHidden(type, field, values)
      )
    );
  }

  private _onChanged(): void {
    const now = this.model.listing?.integrations.find(
      ({ id }) => id === this._base.id
    );
    const known = this._theirs ?? this._base;
    if (now && now.revision !== known.revision && !this.busy) {
      this._theirs = now.revision === this._base.revision ? null : now;
      if (this._theirs && !this.isDirty) {
        this.discard();
      }
      this.update();
    }
  }

  private _state(): IState {
    return {
      values: known(this.values, this.type),
      marks: this.marks,
      aliases: this._aliases
    };
  }

  private _settle(): void {
    this._theirs = null;
    this.clearFailure();
  }

  private _reset(): void {
    this._show(stateOf(this._base, this.type));
  }

  private _show({ values, marks, aliases }: IState): void {
    this._aliases = aliases;
    this.setMarks(marks);
    this.edit({ ...this._hiddenWith(values), ...values });
  }

  private _base: Integration;
  private _theirs: Integration | null = null;
  private _aliases: readonly string[] = [];
}

/** What a person can change of an integration. */
export interface IState {
  values: Values;
  marks: Marks;
  aliases: readonly string[];
}

export function stateOf(
  { name, fields, marks, aliases }: Integration,
  type: IntegrationType
): IState {
  const values = { ...defaultValues(type), ...fields, name };
  return { values: known(values, type), marks, aliases };
}

/** In the order of the form, and without what is the same as not there. */
function known(values: Values, type: IntegrationType): Values {
  const { fields, secrets } = splitValues(type, values);
  const filled = Object.entries(fields).filter(([, value]) => value !== '');
  const typed = Object.entries(secrets).filter(([, value]) => value !== '');
  return {
    name: values.name,
    ...Object.fromEntries(filled),
    ...Object.fromEntries(typed)
  };
}
