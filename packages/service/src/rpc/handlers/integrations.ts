import type { IntegrationsResults } from '@underpass/protocol';
import { betterType } from '../../integrations/betterType.js';
import { parseConnectionUrl } from '../../integrations/connectionUrl.js';
import { describeType } from '../../integrations/define.js';
import {
  environmentPrefix,
  environmentVariables
} from '../../integrations/environment.js';
import { definitionOf, definitions } from '../../integrations/registry.js';
import { together } from '../../integrations/refusals.js';
import { type Revision, revise } from '../../integrations/revise.js';
import { validate } from '../../integrations/validate.js';
import { usage } from '../../notebooks/usage.js';
import { offered } from '../../policy/offered.js';
import { fail } from '../../serviceError.js';
import { freeName } from '../../workspace/names.js';
import { isConnected, projectOf } from '../../workspace/projects.js';
import { revisionOf } from '../../workspace/revision.js';
import { describeIntegration } from '../describe.js';
import { requireMarks } from './marks.js';
import { importedSecrets } from './importedSecrets.js';
import type { HandlersOf } from './define.js';

export const integrationsHandlers: HandlersOf<keyof IntegrationsResults> = {
  'underpass/types/list': (_, { service }) => {
    const permissions = service.policy.permissions();
    return {
      types: definitions.flatMap(definition => {
        const type = offered(definition, permissions);
        return type ? [describeType(type)] : [];
      })
    };
  },

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
    // Before what is wrong with fields that a client was not told of.
    service.policy.requireTyped(params.type, params.fields);
    const [{ fields, secrets }] = together(
      () =>
        validate(definitionOf(params.type), params.fields, {
          ...importedSecrets(params, service),
          ...params.secrets
        }),
      () => freeName(params.name, store.integrations())
    );
    service.policy.require({ type: params.type, fields });
    requireMarks(params.type, params.marks);
    const project = projectOf(store, params.folder);
    const added = store.add(
      params.type,
      params.name,
      fields,
      secrets,
      params.connect ? project : undefined,
      params.marks
    );
    return describeIntegration(service, added, project);
  },

  'underpass/integrations/parseUrl': ({ url, type }, { service }) => {
    const parsed = parseConnectionUrl(url, type);
    service.policy.require(parsed);
    return parsed;
  },

  'underpass/integrations/update': async (params, { service }) => {
    const { store, tunnels } = service;
    const former = store.find(params.integration);
    const { id, type } = former;
    const { name, aliases, marks } = params;
    requireMarks(type, marks);
    if (
      params.revision !== undefined &&
      params.revision !== revisionOf(store, former)
    ) {
      throw fail(
        'changed-meanwhile',
        'request',
        `"${former.name}" was changed meanwhile, by somebody else or in another window. Nothing was saved.`,
        'Look at what is kept now, then save again.'
      );
    }
    let revision: Revision | undefined;
    if (params.fields || Object.keys(params.secrets).length > 0) {
      [revision] = together(
        () =>
          revise(
            definitionOf(type),
            params.fields ?? former.fields,
            params.secrets,
            store.readableSecrets(id)
          ),
        () =>
          name === undefined ? name : freeName(name, store.integrations(), id)
      );
      service.policy.require({ type, fields: revision.fields });
    }
    const change = { name, fields: revision?.fields, aliases, marks };
    const updated = store.update(id, change, revision?.secrets);
    if (revision) {
      await tunnels.change(updated);
    }
    const project = projectOf(store, params.folder);
    return describeIntegration(service, updated, project);
  },

  'underpass/integrations/duplicate': (params, { service }) => {
    const { store } = service;
    const original = store.find(params.integration);
    const project = projectOf(store, params.folder);
    service.policy.require(original);
    const copy = store.duplicate(
      original,
      params.name,
      isConnected(store, project, original.id) ? project : undefined
    );
    return describeIntegration(service, copy, project);
  },

  'underpass/integrations/remove': ({ integration }, { service }) => {
    const { id } = service.store.find(integration);
    // First what can fail.
    service.store.remove(id);
    service.tunnels.drop(id);
    return {};
  },

  'underpass/integrations/connect': ({ folder, integration }, { service }) => {
    const found = service.store.find(integration);
    const project = projectOf(service.store, folder);
    service.policy.require(found);
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
    const permissions = service.policy.permissions();
    const better =
      found.type === 'ssh-tunnel'
        ? betterType(
            found.fields,
            type => offered(definitionOf(type), permissions) !== undefined
          )
        : undefined;
    return {
      ...(better ? { better } : {}),
      sections: definitionOf(found.type).howToUse({
        name: found.name,
        prefix: environmentPrefix(found.name),
        fields: found.fields
      }),
      variables: forward
        ? environmentVariables(found.name, forward.describe())
        : {}
    };
  },

  'underpass/integrations/usage': (
    { folder, integration },
    { service, signal }
  ) => {
    const { name, aliases } = service.store.find(integration);
    const project = projectOf(service.store, folder);
    return usage(project, [name, ...aliases], signal);
  }
};
