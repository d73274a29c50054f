import { hostKeysPlugin } from './plugins/hostKeys';
import { installOffersPlugin } from './plugins/installOffers';
import { modelPlugin } from './plugins/model';
import { sidebarPlugin } from './plugins/sidebar';
import { sqlCellsPlugin } from './plugins/sqlCells';

export { IIntegrationsModel } from './tokens';

export default [
  modelPlugin,
  hostKeysPlugin,
  sidebarPlugin,
  sqlCellsPlugin,
  installOffersPlugin
];
