import { EventEmitter } from 'node:events';

import type { HostAndPort } from '../address.js';
import { sshTarget, type SshTarget } from '../integrations/define.js';
import { definitionOf } from '../integrations/registry.js';
import { fail } from '../serviceError.js';
import type { Store, StoredIntegration } from '../workspace/store.js';
import type { SshEngine, Transport } from './engine.js';
import { type Consumer, Forward } from './forward.js';
import type { HostKeys } from './hostKeys.js';
import { IdleSessions } from './idle.js';
import { LocalPorts } from './localPorts.js';
import { Peers } from './peers.js';
import { Session } from './session.js';
import { Sessions } from './sessions.js';

interface TunnelEvents {
  changed: [integrationId: string];
  /** A new one, not dialled yet. */
  session: [Session];
  /** @param formerPort which it had before, if it had one; somebody may still know that */
  bound: [integrationId: string, Forward, formerPort: number | undefined];
  /** Something that is no obstacle but worth a line in the log. */
  problem: [error: unknown];
}

/**
 * All sessions and forwards of the workspace: one session per (bastion, user), one forward per integration and one
 * for each further server that its own one names.
 */
export class Tunnels extends EventEmitter<TunnelEvents> {
  private readonly sessions = new Sessions(target => this.session(target));
  /** Single flight: two clients that want the same forward get the same one. */
  private readonly forwards = new Map<string, Promise<Forward>>();
  private readonly bound = new Map<string, Forward>();
  private readonly peers = new Peers((id, address, own, remote) =>
    this.listen(id, `${id} ${address}`, own.session, remote)
  );
  /** Their ports stay bound. */
  readonly idle = new IdleSessions(5 * 60_000);
  private readonly ports: LocalPorts;

  constructor(
    private readonly store: Store,
    private readonly hostKeys: HostKeys,
    private readonly engine: SshEngine,
    portsFile: string,
    /** Throws where the administrator has switched something off that the integration is made of. */
    private readonly requireAllowed: (
      integration: StoredIntegration
    ) => void = () => undefined
  ) {
    super();
    this.ports = new LocalPorts(portsFile, error =>
      this.emit('problem', error)
    );
    hostKeys.on('answered', (host, port, approved) => {
      for (const session of this.sessions) {
        const { target } = session;
        if (approved && target.host === host && target.port === port) {
          session.forgive();
        }
      }
    });
  }

  /** The forward of an integration, its port bound; undefined where it does not use SSH. */
  async forward(integration: StoredIntegration): Promise<Forward | undefined> {
    this.requireAllowed(integration);
    const definition = definitionOf(integration.type);
    const target = sshTarget(definition, integration.fields);
    if (!target) {
      return undefined;
    }
    return (
      this.forwards.get(integration.id) ??
      this.bind(integration, target, definition.remote(integration.fields))
    );
  }

  /**
   * The forward to a further server of an integration whose own forward is bound.
   * @throws ServiceError if it has none, its type has no such servers, or there are too many
   */
  async peer(
    integration: StoredIntegration,
    remote: HostAndPort
  ): Promise<Forward> {
    this.requireAllowed(integration);
    const own = this.bound.get(integration.id);
    return this.peers.forward(integration, own, remote);
  }

  /** The forward if it is bound already. */
  existing(integrationId: string): Forward | undefined {
    return this.bound.get(integrationId);
  }

  /** All that are bound, those to further servers too. */
  entries(): [integrationId: string, Forward][] {
    return [...this.bound].flatMap(([id, own]) =>
      [own, ...this.peers.bound(id)].map((forward): [string, Forward] => [
        id,
        forward
      ])
    );
  }

  /** Ports of a service that was killed come back before anybody asks for them. One that can not is no obstacle. */
  async restore(): Promise<void> {
    const known = this.ports.all();
    await Promise.allSettled(
      this.store
        .integrations()
        .filter(({ id }) => id in known && this.store.isConnectedAnywhere(id))
        .map(async integration => this.forward(integration))
    );
  }

  /**
   * The fields of an integration are others now. Its forward, if it has one, leads where they say, on the same local
   * port; sockets that are open to the former server are reset. Without SSH it is closed.
   */
  async change(integration: StoredIntegration): Promise<void> {
    const { id, type, fields } = integration;
    const forward = await this.forwards.get(id)?.catch(() => undefined);
    if (!forward || this.bound.get(id) !== forward) {
      return;
    }
    const definition = definitionOf(type);
    const target = sshTarget(definition, fields);
    if (!target) {
      this.drop(id);
      return;
    }
    const former = forward.session;
    if (forward.redirect(this.sessions.to(target), definition.remote(fields))) {
      this.peers.drop(id);
      this.watchIdle(former);
      this.closeUnused(former);
      this.emit('changed', id);
    }
  }

  /** Nobody may use the forward any more: its integration was removed or is connected nowhere. */
  drop(integrationId: string): void {
    const forward = this.bound.get(integrationId);
    // Also one whose port is being bound just now.
    this.forwards.delete(integrationId);
    if (forward) {
      this.bound.delete(integrationId);
      forward.close();
      this.peers.drop(integrationId);
      this.closeUnused(forward.session);
      this.emit('changed', integrationId);
    }
  }

  /** Shut the tunnels of an integration down; their ports stay bound, and their next use dials again. */
  rest(integrationId: string): void {
    const own = this.bound.get(integrationId);
    if (!own) {
      return;
    }
    for (const forward of [own, ...this.peers.bound(integrationId)]) {
      forward.rest();
    }
    if (!this.forwardsOf(own.session).some(({ wanted }) => wanted)) {
      own.session.rest('closed');
    }
  }

  /** The key is another one: what failed before may work now. */
  forgive(): void {
    for (const session of this.sessions) {
      session.forgive();
    }
  }

  /** A client is gone. */
  release(consumer: Consumer): void {
    for (const [, forward] of this.entries()) {
      forward.release(consumer);
    }
  }

  close(): void {
    for (const [, forward] of this.entries()) {
      forward.close();
    }
    for (const session of this.sessions) {
      session.close();
    }
  }

  private bind(
    { id, name }: StoredIntegration,
    target: SshTarget,
    remote: HostAndPort
  ): Promise<Forward> {
    const isWanted = () => this.forwards.get(id) === binding;
    const binding = this.listen(id, id, this.sessions.to(target), remote).then(
      forward => {
        if (!isWanted()) {
          forward.close();
          this.closeUnused(forward.session);
          throw fail(
            'forward-refused',
            'forward',
            `"${name}" was disconnected meanwhile.`,
            'Connect it again.'
          );
        }
        this.bound.set(id, forward);
        return forward;
      }
    );
    this.forwards.set(id, binding);
    binding.catch(() => isWanted() && this.forwards.delete(id));
    return binding;
  }

  /** @param place under which its port is kept */
  private async listen(
    id: string,
    place: string,
    session: Session,
    remote: HostAndPort
  ): Promise<Forward> {
    const forward = new Forward(session, remote);
    const formerPort = this.ports.all()[place];
    this.ports.remember(
      place,
      await forward.listen(formerPort),
      new Set(this.store.integrations().map(integration => integration.id))
    );
    forward.on('changed', () => {
      this.watchIdle(forward.session);
      this.emit('changed', id);
    });
    this.emit('bound', id, forward, formerPort);
    this.emit('changed', id);
    return forward;
  }

  private session(target: SshTarget): Session {
    const session = new Session(target, {
      connect: (_, signal) => this.connect(target, signal),
      approval: (_, signal) => this.hostKeys.approval(target, signal),
      wanted: candidate => this.forwardsOf(candidate).some(f => f.wanted)
    });
    this.emit('session', session);
    return session;
  }

  private async connect(
    target: SshTarget,
    signal: AbortSignal
  ): Promise<Transport> {
    const transport = await this.engine.connect({
      target,
      keys: await this.store.keys.forLogin(),
      knownKeyTypes: this.hostKeys.knownKeys(target).map(k => k.keyType),
      verifyHostKey: presented =>
        this.hostKeys.verify(target, presented, this.namesBehind(target)),
      signal
    });
    this.store.keys.loggedIn(target, transport.loginKey);
    return transport;
  }

  private namesBehind(target: SshTarget): string[] {
    const session = this.sessions.to(target);
    return this.store
      .integrations()
      .filter(({ id }) => this.bound.get(id)?.session === session)
      .map(({ name }) => name);
  }

  private watchIdle(session: Session): void {
    const used = this.forwardsOf(session).some(forward => forward.wanted);
    this.idle.watch(session, used);
  }

  private closeUnused(session: Session): void {
    if (this.forwardsOf(session).length === 0) {
      this.idle.forget(session);
      session.close();
      this.sessions.forget(session);
    }
  }

  private forwardsOf(session: Session): Forward[] {
    return this.entries()
      .map(([, forward]) => forward)
      .filter(forward => forward.session === session);
  }
}
