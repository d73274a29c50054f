import type { LanguageResults, ParsedParams } from '@underpass/protocol';

import { definitionOf } from '../../integrations/registry.js';
import type { Catalog } from '../../language/catalog.js';
import { CatalogView } from '../../language/catalogs.js';
import { complete, type Known } from '../../language/complete.js';
import { dialectOf } from '../../language/dialect.js';
import { openCatalog } from '../openCatalog.js';
import { isConnected, projectOf } from '../../workspace/projects.js';
import type { StoredIntegration } from '../../workspace/store.js';
import type { RequestContext } from '../context.js';
import type { HandlersOf } from './define.js';

/** Milliseconds that an answer waits for the catalog. */
const patience = 110;

type CompleteParams = ParsedParams<'underpass/language/complete'>;

export const languageHandlers: HandlersOf<keyof LanguageResults> = {
  'underpass/language/complete': async (params, context) => {
    const deadline = performance.now() + patience;
    const databases = databasesFor(params.folder, context);
    for (;;) {
      let used: { catalog: Catalog; view: CatalogView } | undefined;
      const answer = complete(
        params,
        databases.map(({ name, type }) => ({
          name,
          label: definitionOf(type).label
        })),
        name => {
          const integration = findAmong(databases, name, context);
          if (!integration) {
            return undefined;
          }
          used = viewOf(integration, params, context);
          return known(integration, used.view);
        }
      );
      const left = deadline - performance.now();
      const isReading = used?.view.isReading ?? false;
      if (!used || !isReading || left <= 1 || context.signal.aborted) {
        return {
          ...answer,
          isIncomplete: answer.isIncomplete || isReading,
          isReading
        };
      }
      await used.catalog.news(left, context.signal);
    }
  }
};

/** Those that cells of the project can use: connected, understood and allowed. */
function databasesFor(
  folder: string,
  { service }: RequestContext
): StoredIntegration[] {
  const { store } = service;
  const project = projectOf(store, folder);
  return store
    .integrations()
    .filter(
      integration =>
        isConnected(store, project, integration.id) &&
        !service.obstacleTo(integration) &&
        definitionOf(integration.type).kind === 'database'
    )
    .sort((a, b) => a.name.localeCompare(b.name));
}

function findAmong(
  databases: readonly StoredIntegration[],
  name: string,
  { service }: RequestContext
): StoredIntegration | undefined {
  try {
    const { id } = service.store.find(name);
    return databases.find(database => database.id === id);
  } catch {
    return undefined;
  }
}

function viewOf(
  integration: StoredIntegration,
  { folder, python }: CompleteParams,
  context: RequestContext
) {
  const catalog = context.service.catalogs.of(integration.id);
  catalog.use(
    python === undefined
      ? undefined
      : () =>
          openCatalog(
            context.service,
            integration,
            folder,
            typeof python === 'string' ? { program: python } : python,
            context.client.kind
          )
  );
  const { type, fields } = integration;
  const chosen =
    fields.schema ??
    fields.dataset ??
    (type === 'clickhouse' ? fields.database || 'default' : undefined);
  const view = new CatalogView(
    catalog,
    dialectOf(type).folding,
    typeof chosen === 'string' && chosen !== '' ? chosen : undefined
  );
  return { catalog, view };
}

const known = (
  { name, type }: StoredIntegration,
  names: Known['names']
): Known => ({
  name,
  label: definitionOf(type).label,
  type,
  names
});
