import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

/** What people set about SQL cells; holds from the moment it is set. */
export interface IPreferences {
  readonly changed: ISignal<IPreferences, void>;
  /** Show the header. */
  readonly header: boolean;
  /** Hide the first line while the header shows it. */
  readonly hideFirstLine: boolean;
  /** Open tunnels ahead. */
  readonly prewarm: boolean;
}

export class Preferences implements IPreferences {
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get header(): boolean {
    return this._is('header');
  }

  get hideFirstLine(): boolean {
    return this._is('hideFirstLine');
  }

  get prewarm(): boolean {
    return this._is('prewarm');
  }

  /** Follow the settings, once they are loaded. */
  follow(settings: ISettingRegistry.ISettings): void {
    this._settings = settings;
    settings.changed.connect(() => this._changed.emit());
    this._changed.emit();
  }

  /** All are on by default, and before they are loaded. */
  private _is(name: string): boolean {
    return this._settings?.composite[name] !== false;
  }

  private readonly _changed = new Signal<this, void>(this);
  private _settings: ISettingRegistry.ISettings | null = null;
}
