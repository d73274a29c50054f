import type { TranslationBundle } from '@jupyterlab/translation';
import {
  addIcon,
  CommandToolbarButton,
  MenuSvg,
  Toolbar
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import { Panel, Widget } from '@lumino/widgets';
import type { Integration } from '@underpass/protocol';

import { CommandIDs, integrationMenu } from '../commandIds';
import { egressIcon, keyIcon, underpassIcon } from '../icons';
import { KernelNoteWidget } from '../kernelNote';
import type { IKernelPlace } from '../kernelPlace';
import type { IIntegrationsModel } from '../tokens';
import { IntegrationsBody } from './body';

/**
 * The Integrations sidebar: a header with buttons, and the list.
 */
export class IntegrationsPanel extends Panel {
  constructor(options: IntegrationsPanel.IOptions) {
    super();
    const { commands, model, trans } = options;
    this._menu = new MenuSvg({ commands });
    this.id = 'underpass-integrations';
    this.addClass('jp-Underpass-panel');
    this.title.icon = underpassIcon;
    this.title.caption = trans.__('Integrations');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Integrations'));

    const toolbar = new Toolbar();
    const heading = new Widget();
    heading.addClass('jp-Underpass-heading');
    heading.node.textContent = trans.__('Integrations');
    toolbar.node.setAttribute('aria-label', trans.__('Integrations'));
    toolbar.addItem('heading', heading);
    toolbar.addItem('spacer', Toolbar.createSpacerItem());
    toolbar.addItem(
      'key',
      new CommandToolbarButton({
        commands,
        id: CommandIDs.showKey,
        icon: keyIcon,
        label: ''
      })
    );
    toolbar.addItem(
      'egress',
      new CommandToolbarButton({
        commands,
        id: CommandIDs.egress,
        icon: egressIcon,
        label: ''
      })
    );
    toolbar.addItem(
      'add',
      new CommandToolbarButton({
        commands,
        id: CommandIDs.add,
        icon: addIcon,
        label: ''
      })
    );
    this.addWidget(toolbar);
    if (options.place) {
      this.addWidget(new KernelNoteWidget(options.place, trans));
    }
    // The menu leaves with the focus, and dialogs that it opens give it back to whom they found with it.
    this._menu.aboutToClose.connect(() => this._menuButton?.focus());
    this._body = new IntegrationsBody({
      model,
      commands,
      trans,
      onMenu: (integration, button) => this._openMenu(integration, button)
    });
    this.addWidget(this._body);
  }

  /** Give the focus to an integration; to the first of the list, or to its first step, where none is named. */
  focusOn(integration = ''): void {
    this._body.focusOn(integration);
  }

  override dispose(): void {
    this._menu.dispose();
    super.dispose();
  }

  private _openMenu(integration: Integration, button: HTMLElement): void {
    const args = { integration: integration.id };
    this._menuButton = button;
    this._menu.clearItems();
    for (const command of integrationMenu) {
      this._menu.addItem(
        command === 'separator' ? { type: 'separator' } : { command, args }
      );
    }
    const { right, bottom } = button.getBoundingClientRect();
    this._menu.open(right, bottom, { horizontalAlignment: 'right' });
  }

  private readonly _menu: MenuSvg;
  private readonly _body: IntegrationsBody;
  private _menuButton: HTMLElement | null = null;
}

export namespace IntegrationsPanel {
  export interface IOptions {
    model: IIntegrationsModel;
    commands: CommandRegistry;
    trans: TranslationBundle;
    /** Absent where the application has no notebooks. */
    place: IKernelPlace | null;
  }
}
