import { completionPlugin } from './plugins/completion';
import { hostKeysPlugin } from './plugins/hostKeys';
import { installOffersPlugin } from './plugins/installOffers';
import { menuPlugin } from './plugins/menu';
import { modelPlugin } from './plugins/model';
import { sidebarPlugin } from './plugins/sidebar';
import { sqlCellsPlugin } from './plugins/sqlCells';
import { tunnelsPlugin } from './plugins/tunnels';

export { IIntegrationsModel } from './tokens';

export default [
  modelPlugin,
  hostKeysPlugin,
  sidebarPlugin,
  menuPlugin,
  tunnelsPlugin,
  sqlCellsPlugin,
  completionPlugin,
  installOffersPlugin
];
