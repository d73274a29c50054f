import {
  type HeldForward,
  type Method,
  type ParsedParams,
  protocolVersion,
  type Results
} from '@underpass/protocol';

import { hostPort } from '../address.js';
import { testConnection } from '../diagnosis/testConnection.js';
import { parseConnectionUrl } from '../integrations/connectionUrl.js';
import { describeType } from '../integrations/define.js';
import {
  environmentPrefix,
  environmentVariables
} from '../integrations/environment.js';
import { definitionOf, definitions } from '../integrations/registry.js';
import { validate } from '../integrations/validate.js';
import { fail } from '../serviceError.js';
import { scanHostKey } from '../ssh/scan.js';
import { version } from '../version.js';
import { isConnected, projectOf } from '../workspace/projects.js';
import { authorizedKeysLine, workspaceKey } from '../workspace/workspaceKey.js';
import { connect } from './connect.js';
import type { RequestContext } from './context.js';
import { describeIntegration, describeStatus } from './describe.js';
import { ensure, ensurePeer } from './ensure.js';

type Handlers = {
  [M in Method]: (
    params: ParsedParams<M>,
    context: RequestContext
  ) => Results[M] | Promise<Results[M]>;
};

/** One function per method of the protocol. Parameters are parsed already. */
export const handlers: Handlers = {
  'underpass/initialize': (params, { service, client }) => {
    if (params.protocolVersion !== protocolVersion) {
      throw fail(
        'protocol-version',
        'request',
        `This service speaks version ${protocolVersion} of its protocol, the client version ${params.protocolVersion}.`,
        'Install the same version of underpass everywhere; the service ends 30 s after its last client.'
      );
    }
    Object.assign(client, params.client);
    service.clients.add(client);
    return {
      protocolVersion,
      serviceVersion: version,
      workspace: service.paths.home
    };
  },

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

  'underpass/integrations/test': ({ integration }, { service, signal }) =>
    testConnection(
      service.store,
      service.hostKeys,
      service.engine,
      service.store.find(integration),
      signal
    ),

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
  },

  'underpass/integrations/prewarm': async (
    { folder, integrations, retry },
    { service }
  ) => {
    const project = projectOf(service.store, folder);
    for (const reference of integrations) {
      const found = service.store
        .integrations()
        .find(({ name }) => name.toLowerCase() === reference.toLowerCase());
      if (found && isConnected(service.store, project, found.id)) {
        const forward = await service.tunnels.forward(found);
        // Its outcome is in the forward's state; the query that follows reports it.
        forward?.session
          .connected(AbortSignal.timeout(30_000), { patient: !retry })
          .catch(() => undefined);
      }
    }
    return {};
  },

  'underpass/key/show': (_, { service }) => {
    const { publicKey, fingerprint } = workspaceKey(service.store.vault);
    const targets = service.store
      .integrations()
      .map(({ type, fields }) => ({ definition: definitionOf(type), fields }))
      .filter(
        ({ definition, fields }) =>
          definition.ssh === 'required' || fields.sshEnabled === true
      )
      .flatMap(
        ({ definition, fields }) =>
          definition.seeds?.(fields) ?? [definition.remote(fields)]
      );
    return {
      publicKey,
      fingerprint,
      ...(targets.length > 0
        ? { authorizedKeys: authorizedKeysLine(publicKey, targets) }
        : {})
    };
  },

  'underpass/hostKeys/list': (_, { service }) => ({
    hostKeys: [...service.store.hostKeys()]
  }),

  'underpass/hostKeys/scan': async (target, { service, signal }) => {
    const known = service.hostKeys.knownKeys(target).map(key => key.keyType);
    const key = await scanHostKey(service.engine, target, known, signal);
    return { ...target, ...key, status: service.hostKeys.status(target, key) };
  },

  'underpass/hostKeys/approve': async (params, { service, signal }) => {
    const { fingerprint, ...target } = params;
    const asked = service.hostKeys
      .pending()
      .find(
        prompt =>
          prompt.host === target.host &&
          prompt.port === target.port &&
          prompt.fingerprint === fingerprint
      );
    const known = service.hostKeys.knownKeys(target).map(key => key.keyType);
    const key =
      asked ?? (await scanHostKey(service.engine, target, known, signal));
    if (key.fingerprint !== fingerprint) {
      throw fail(
        'host-key-changed',
        'host-key',
        `${hostPort(target)} shows ${key.keyType} ${key.fingerprint}, not the fingerprint that was approved.`,
        'Compare again with the fingerprint that the owner of the server gives you.',
        { fingerprint: key.fingerprint, keyType: key.keyType }
      );
    }
    return service.hostKeys.approve(target, key);
  },

  'underpass/hostKeys/remove': (target, { service }) => ({
    removed: service.hostKeys.remove(target)
  }),

  'underpass/prompts/list': (_, { service }) => ({
    prompts: service.hostKeys.pending()
  }),

  'underpass/prompts/reject': ({ id }, { service }) => {
    service.hostKeys.reject(id);
    return {};
  },

  'underpass/status': (_, { service }) => describeStatus(service),

  'underpass/environment': async ({ folder }, { service }) => {
    const project = projectOf(service.store, folder);
    const connected = service.store
      .integrations()
      .filter(({ id }) => isConnected(service.store, project, id));
    const variables = await Promise.all(
      connected.map(async integration => {
        const forward = await service.tunnels.forward(integration);
        return forward
          ? environmentVariables(integration.name, forward.describe())
          : {};
      })
    );
    return {
      project,
      variables: Object.assign({}, ...variables) as Record<string, string>
    };
  },

  'underpass/ensure': (params, context) => ensure(params, context),

  'underpass/ensurePeer': (params, context) => ensurePeer(params, context),

  'underpass/hold': async ({ integrations }, context) => {
    const { service, client } = context;
    const forwards: HeldForward[] = [];
    for (const reference of integrations) {
      const found = service.store.find(reference);
      const forward = await service.tunnels.forward(found);
      if (!forward) {
        throw fail(
          'invalid-request',
          'request',
          `"${found.name}" does not use SSH: there is nothing to forward.`,
          'Dial its host and port directly, or switch SSH on.'
        );
      }
      forward.hold(client, client.name);
      await connect(forward, context);
      const description = forward.describe();
      forwards.push({
        integration: found.name,
        forward: description,
        variables: environmentVariables(found.name, description)
      });
    }
    return { forwards };
  }
};
