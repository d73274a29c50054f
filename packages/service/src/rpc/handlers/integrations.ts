import type { IntegrationsResults } from '@underpass/protocol';
import { parseConnectionUrl } from '../../integrations/connectionUrl.js';
import { describeType } from '../../integrations/define.js';
import {
  environmentPrefix,
  environmentVariables
} from '../../integrations/environment.js';
import { definitionOf, definitions } from '../../integrations/registry.js';
import { validate } from '../../integrations/validate.js';
import { projectOf } from '../../workspace/projects.js';
import { describeIntegration } from '../describe.js';
import type { HandlersOf } from './define.js';

export const integrationsHandlers: HandlersOf<keyof IntegrationsResults> = {
  'underpass/types/list': () => ({ types: definitions.map(describeType) }),

  'underpass/integrations/list': async ({ folder }, { service }) => {
    const project = projectOf(service.store, folder);
    const integrations = await Promise.all(
      service.store
        .integrations()
        .map(integration => describeIntegration(service, integration, project))
    );
    return {
      project,
      integrations,
      revision: service.revision('integrations')
    };
  },

  'underpass/integrations/get': ({ folder, integration }, { service }) =>
    describeIntegration(
      service,
      service.store.find(integration),
      projectOf(service.store, folder)
    ),

  'underpass/integrations/add': (params, { service }) => {
    const { store } = service;
    const { fields, secrets } = validate(
      definitionOf(params.type),
      params.fields,
      params.secrets
    );
    const added = store.add(params.type, params.name, fields, secrets);
    const project = projectOf(store, params.folder);
    if (params.connect) {
      store.setConnected(project, added.id, true);
    }
    return describeIntegration(service, added, project);
  },

  'underpass/integrations/parseUrl': ({ url, type }) =>
    parseConnectionUrl(url, type),

  'underpass/integrations/remove': ({ integration }, { service }) => {
    const { id } = service.store.find(integration);
    service.tunnels.drop(id);
    service.store.remove(id);
    return {};
  },

  'underpass/integrations/connect': ({ folder, integration }, { service }) => {
    const found = service.store.find(integration);
    const project = projectOf(service.store, folder);
    service.store.setConnected(project, found.id, true);
    return describeIntegration(service, found, project);
  },

  'underpass/integrations/disconnect': (
    { folder, integration },
    { service }
  ) => {
    const found = service.store.find(integration);
    const project = projectOf(service.store, folder);
    service.store.setConnected(project, found.id, false);
    if (!service.store.isConnectedAnywhere(found.id)) {
      service.tunnels.drop(found.id);
    }
    return describeIntegration(service, found, project);
  },

  'underpass/integrations/howToUse': async ({ integration }, { service }) => {
    const found = service.store.find(integration);
    const forward = await service.tunnels.forward(found);
    return {
      sections: definitionOf(found.type).howToUse({
        name: found.name,
        prefix: environmentPrefix(found.name),
        fields: found.fields
      }),
      variables: forward
        ? environmentVariables(found.name, forward.describe())
        : {}
    };
  }
};
