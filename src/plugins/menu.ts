import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IMainMenu } from '@jupyterlab/mainmenu';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { MenuSvg } from '@jupyterlab/ui-components';

import { CommandIDs, mainMenu } from '../commandIds';

/** Behind "Kernel", before what other extensions add without a rank. */
const rank = 60;

/** Those that other plugins put into the palette themselves. */
const elsewhere: readonly string[] = [
  CommandIDs.insertSqlCell,
  CommandIDs.reviewHostKeys
];

export const menuPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-underpass:menu',
  description: 'The menu "Integrations", and the same in the palette.',
  autoStart: true,
  optional: [ITranslator, IMainMenu, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null,
    bar: IMainMenu | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyterlab_underpass');
    const menu = new MenuSvg({ commands: app.commands });
    menu.id = 'jp-mainmenu-underpass';
    menu.title.label = trans.__('Integrations');
    for (const command of mainMenu) {
      menu.addItem(
        command === 'separator' ? { type: 'separator' } : { command }
      );
      if (command !== 'separator' && !elsewhere.includes(command)) {
        palette?.addItem({ command, category: trans.__('Integrations') });
      }
    }
    bar?.addMenu(menu, true, { rank });
  }
};
