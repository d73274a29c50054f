import type { Python } from '../diagnosis/probeProcess.js';
import { CatalogReader } from '../language/catalogReader.js';
import type { Client, Service } from '../service.js';
import type { StoredIntegration } from '../workspace/store.js';
import type { RequestContext } from './context.js';
import { ensure, ensurePeer } from './ensure.js';

/** Stages of a session that a person has to look at: to dial again would repeat what failed. */
const needsPerson = new Set(['auth', 'host-key', 'request']);

/**
 * Open what reads the catalog of an integration. It holds the integration's forward as long as it lives.
 * @returns undefined where nothing is to be done for the sake of a word: a key would be asked for, or a keyring opened
 * @throws ServiceError why it can not be read
 */
export async function openCatalog(
  service: Service,
  integration: StoredIntegration,
  folder: string,
  python: Python,
  kind: Client['kind']
): Promise<CatalogReader | undefined> {
  if (!service.store.vault.isAtHand || !(await mayDial(service, integration))) {
    return undefined;
  }
  const consumer: Client = {
    kind,
    name: 'completion',
    approves: false,
    since: new Date()
  };
  const context: RequestContext = {
    service,
    client: consumer,
    signal: new AbortController().signal,
    progress: () => undefined
  };
  const params = {
    integration: integration.id,
    consumer: consumer.name
  };
  const release = () => service.tunnels.release(consumer);
  try {
    const ready = await ensure({ ...params, folder }, context);
    const reader = await CatalogReader.open(
      python,
      ready,
      async address =>
        (await ensurePeer({ ...params, ...address }, context)).endpoint
    );
    reader.ended.then(release, release);
    return reader;
  } catch (error) {
    release();
    throw error;
  }
}

async function mayDial(
  { tunnels, hostKeys }: Service,
  integration: StoredIntegration
): Promise<boolean> {
  const session = (await tunnels.forward(integration))?.session;
  if (!session || session.state.kind === 'up') {
    return true;
  }
  const { state, target } = session;
  const needsOne =
    state.kind === 'failed' && needsPerson.has(state.cause.stage);
  return !needsOne && hostKeys.knownKeys(target).length > 0;
}
