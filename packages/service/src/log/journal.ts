import { features } from '@underpass/protocol';

import { hostPort } from '../address.js';
import type { Service } from '../service.js';
import { asFailure } from '../serviceError.js';
import type { Forward } from '../ssh/forward.js';
import type { Session } from '../ssh/session.js';
import type { Details, Log } from './log.js';

/**
 * Write down what happens to a service: who came and went, which tunnels were made and lost, what was decided and
 * changed. Hosts, ports, users and names; no secret, no SQL, no value of a field beside those.
 */
export function keepJournal(service: Service, log: Log): void {
  service.on('came', ({ kind, name }) =>
    log.info('client-came', { kind, client: name })
  );
  service.on('left', ({ kind, name }) =>
    log.info('client-left', { kind, client: name })
  );
  service.on('unforeseen', error => log.error('unforeseen', error));
  for (const source of [service, service.tunnels]) {
    source.on('problem', error =>
      log.warning('storage-problem', summary(error))
    );
  }
  service.tunnels.on('session', session => followSession(session, log));
  service.tunnels.on('bound', (id, forward, formerPort) =>
    followForward(nameOf(service, id), forward, formerPort, log)
  );
  followIntegrations(service, log);
  followHostKeys(service, log);
  followProblems(service, log);
  followCatalogs(service, log);
  followPolicy(service, log);
}

function followSession(session: Session, log: Log): void {
  const { host, port, user } = session.target;
  const who = { bastion: hostPort({ host, port }), user };
  session.on('changed', () => {
    const { state } = session;
    switch (state.kind) {
      case 'dialling':
        log.info('session-dialling', who);
        break;
      case 'up':
        log.info('session-up', { ...who, hostKey: state.hostKey });
        break;
      case 'waiting':
        log.warning('session-failed', {
          ...who,
          ...described(state.cause),
          retryAt: state.retryAt
        });
        break;
      case 'failed':
        log.warning('session-failed', { ...who, ...described(state.cause) });
        break;
      case 'idle':
        break;
    }
  });
  session.on('lost', why => {
    if (why === 'lost') {
      log.warning('session-lost', who);
    } else {
      log.info('session-ended', { ...who, why });
    }
  });
}

function followForward(
  integration: string,
  forward: Forward,
  formerPort: number | undefined,
  log: Log
): void {
  const details = () => ({
    integration,
    localPort: forward.localPort,
    remote: hostPort(forward.remote),
    bastion: hostPort(forward.session.target)
  });
  log.info('forward-bound', details());
  if (formerPort !== undefined && formerPort !== forward.localPort) {
    log.warning('forward-moved', { ...details(), formerPort });
  }
  forward.on('redirected', () => log.info('forward-redirected', details()));
  forward.on('rested', () => log.info('forward-shut-down', details()));
  forward.on('closed', () => log.info('forward-closed', details()));
}

function followIntegrations({ store }: Service, log: Log): void {
  const read = () =>
    new Map(
      store.integrations().map(({ id, name, type }) => [id, { name, type }])
    );
  let known = read();
  store.on('integrations', id => {
    const now = read();
    const before = known.get(id);
    const after = now.get(id);
    known = now;
    if (after) {
      log.info(before ? 'integration-changed' : 'integration-added', {
        integration: after.name,
        type: after.type,
        ...(before && before.name !== after.name
          ? { formerName: before.name }
          : {})
      });
    } else if (before) {
      log.info('integration-removed', {
        integration: before.name,
        type: before.type
      });
    }
  });
}

function followHostKeys({ store, hostKeys }: Service, log: Log): void {
  const read = () =>
    new Map(
      store
        .hostKeys()
        .map(({ host, port, keyType, fingerprint }) => [
          `${hostPort({ host, port })} ${fingerprint}`,
          { host: hostPort({ host, port }), keyType, fingerprint }
        ])
    );
  let known = read();
  store.on('hostKeys', () => {
    const now = read();
    for (const [id, key] of now) {
      if (!known.has(id)) {
        log.info('host-key-approved', key);
      }
    }
    for (const [id, key] of known) {
      if (!now.has(id)) {
        log.info('host-key-removed', key);
      }
    }
    known = now;
  });
  const asked = new Set<string>();
  hostKeys.on('prompts', id => {
    const prompt = hostKeys.pending().find(pending => pending.id === id);
    if (!prompt) {
      asked.delete(id);
    } else if (!asked.has(id)) {
      asked.add(id);
      const { host, port, keyType, fingerprint, status } = prompt;
      log.warning('host-key-asked', {
        host: hostPort({ host, port }),
        keyType,
        fingerprint,
        status
      });
    }
  });
  hostKeys.on('answered', (host, port, approved) => {
    if (!approved) {
      log.info('host-key-rejected', { host: hostPort({ host, port }) });
    }
  });
}

/** What the administrator has switched off, and what of it could not be understood; once for each change. */
function followPolicy({ policy }: Service, log: Log): void {
  let said = '[[],[]]';
  const look = () => {
    const switchedOff = features.filter(feature => !policy.allows(feature));
    const problems = policy.problems();
    const now = JSON.stringify([switchedOff, problems]);
    if (now !== said) {
      said = now;
      log.info('policy', { switchedOff, from: policy.from() });
      for (const message of problems) {
        log.warning('policy-problem', { message });
      }
    }
  };
  look();
  policy.on('changed', look);
}

/** What completion reads: nobody is told of its failures but here. */
function followCatalogs(service: Service, log: Log): void {
  service.catalogs.on('opened', id =>
    log.info('catalog-opened', { integration: nameOf(service, id) })
  );
  service.catalogs.on('failed', (id, failure) =>
    log.warning('catalog-failed', {
      integration: nameOf(service, id),
      ...described(failure)
    })
  );
}

function nameOf({ store }: Service, id: string): string {
  return (
    store.integrations().find(integration => integration.id === id)?.name ?? id
  );
}

/** Damaged files, and what became of them: once each. */
function followProblems({ store }: Service, log: Log): void {
  const told = new Set<string>();
  const tell = () => {
    for (const { path, keptAs, failure } of store.problems()) {
      const { code, message } = failure;
      if (!told.has(message)) {
        told.add(message);
        log.warning('storage-problem', { path, keptAs, code, message });
      }
    }
  };
  store.on('problems', tell);
  tell();
}

function summary(error: unknown): Details {
  return described(asFailure(error));
}

const described = ({ code, stage, message }: ReturnType<typeof asFailure>) => ({
  code,
  stage,
  message
});
