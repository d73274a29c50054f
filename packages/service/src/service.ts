import { EventEmitter } from 'node:events';

import type {
  Changed,
  Ending,
  Failure,
  Topic,
  User
} from '@underpass/protocol';

import { Imports } from './imports/imports.js';
import { obstacleTo, requireUsable } from './integrations/usable.js';
import { Bundle } from './rpc/bundle.js';
import { Policy } from './policy/policy.js';
import { PolicyFile } from './policy/policyFile.js';
import { Tests } from './diagnosis/tests.js';
import { Catalogs } from './language/catalogs.js';
import type { SshEngine } from './ssh/engine.js';
import { HostKeys } from './ssh/hostKeys.js';
import { ssh2Engine } from './ssh/ssh2Engine.js';
import { Tunnels } from './ssh/tunnels.js';
import type { Paths } from './workspace/paths.js';
import { Store, type StoredIntegration } from './workspace/store.js';

/** Somebody connected to the socket. Its identity holds forwards open; its name is for display and audit only. */
export interface Client {
  kind: 'jupyterlab' | 'kernel' | 'cli' | 'vscode';
  name: string;
  approves: boolean;
  /** Of its package, if it said so. */
  version?: string | undefined;
  since: Date;
}

/** Milliseconds in which changes of one forward become one hint. */
const coalescing = 50;

interface ServiceEvents {
  changed: [Changed];
  came: [Client];
  left: [Client];
  /** An error that no code of ours explains. */
  unforeseen: [error: unknown];
  /** A file that could not be written; who asked for it knows, and the log should. */
  problem: [error: unknown];
  /** The process is to end in order. */
  stop: [why: string];
  /** Clients are to be told that it ends now. */
  ending: [Ending];
}

/** The parts of the tunnel service, put together; and its one stream of hints. */
export class Service extends EventEmitter<ServiceEvents> {
  readonly since = new Date();
  readonly bundle = new Bundle();
  readonly store: Store;
  readonly hostKeys: HostKeys;
  readonly tunnels: Tunnels;
  readonly policy: Policy;
  readonly tests = new Tests(run => this.hint('tests', run));
  readonly imports = new Imports();
  readonly catalogs = new Catalogs();
  readonly clients = new Set<Client>();
  /** Forwards with a hint on its way. */
  private readonly due = new Set<string>();
  private readonly revisions = new Map<Topic, number>();

  constructor(
    readonly paths: Paths,
    readonly engine: SshEngine = ssh2Engine,
    policyFile: PolicyFile = PolicyFile.find()
  ) {
    super();
    this.setMaxListeners(0);
    this.store = new Store(paths.home);
    this.hostKeys = new HostKeys(this.store, () =>
      [...this.clients].some(({ approves }) => approves)
    );
    this.policy = new Policy(policyFile);
    this.tunnels = new Tunnels(
      this.store,
      this.hostKeys,
      engine,
      paths.ports,
      integration => {
        requireUsable(integration);
        this.policy.require(integration);
      }
    );
    this.policy.on('changed', () => this.obey());
    this.store.on('integrations', id => {
      this.catalogs.forget(id);
      this.hint('integrations', id);
    });
    this.store.on('problems', () => this.hint('workspace', ''));
    this.store.on('elsewhere', () => this.follow());
    // Who only hears hints does not learn which servers there are.
    this.store.on('hostKeys', () => this.hint('hostKeys', ''));
    this.hostKeys.on('prompts', id => this.hint('prompts', id));
    this.tunnels.on('changed', id => this.hintSoon(id));
  }

  revision(topic: Topic): number {
    return this.revisions.get(topic) ?? 0;
  }

  /** A client has introduced itself, for the first time or anew. */
  come(client: Client): void {
    const first = !this.clients.has(client);
    this.clients.add(client);
    if (first) {
      this.emit('came', client);
    }
  }

  leave(client: Client): void {
    this.tunnels.release(client);
    this.policy.leave(client);
    if (this.clients.delete(client)) {
      this.emit('left', client);
    }
  }

  stop(why: string): void {
    this.emit('stop', why);
  }

  /** Who would miss the service, besides a client that asks: other clients, and whoever dialled a forward's port. */
  usedBy(asking?: Client): User[] {
    const clients = [...this.clients]
      .filter(client => client !== asking)
      .map(({ kind, name }) => ({ kind, name }));
    const connections = this.tunnels
      .entries()
      .filter(([, { connections }]) => connections > 0)
      .map(([id]) => ({
        kind: 'connection',
        name: this.store.nameOf(id)
      }));
    return [...clients, ...connections];
  }

  /** Why nothing can be done with an integration; undefined if something can. */
  obstacleTo(integration: StoredIntegration): Failure | undefined {
    return obstacleTo(integration) ?? this.policy.refusal(integration);
  }

  /** Close what the administrator does not allow any more; front ends ask anew what there is. */
  private obey(): void {
    try {
      for (const integration of this.store.integrations()) {
        if (this.policy.refusal(integration)) {
          this.tunnels.drop(integration.id);
          this.catalogs.forget(integration.id);
        }
      }
    } catch {
      // The workspace could not be read even once: there is nothing to close. It is among the problems.
    }
    this.hint('policy', '');
    this.hint('integrations', '');
  }

  /** Another host has changed the workspace: lead every forward to where it belongs now. */
  private follow(): void {
    this.catalogs.clear();
    const integrations = this.store.integrations();
    const usable = integrations.filter(kept => !obstacleTo(kept));
    for (const [id, forward] of this.tunnels.entries()) {
      const isKnown = usable.some(integration => integration.id === id);
      // One that is connected nowhere may be held by a command.
      const isUsed = forward.wanted || this.store.isConnectedAnywhere(id);
      if (!isKnown || !isUsed) {
        this.tunnels.drop(id);
      }
    }
    for (const integration of usable) {
      void this.tunnels.change(integration);
    }
    this.hint('integrations', '');
    this.hint('hostKeys', '');
  }

  /** Sockets come and go by the hundred; one hint for all of them is enough. */
  private hintSoon(id: string): void {
    if (!this.due.has(id)) {
      this.due.add(id);
      setTimeout(() => {
        this.due.delete(id);
        this.hint('forwards', id);
      }, coalescing);
    }
  }

  /** Tell all clients that something changed. */
  hint(topic: Topic, id: string): void {
    const revision = this.revision(topic) + 1;
    this.revisions.set(topic, revision);
    this.emit('changed', { topic, id, revision });
  }
}
