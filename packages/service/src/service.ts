import { EventEmitter } from 'node:events';

import type { Changed, Topic } from '@underpass/protocol';

import type { SshEngine } from './ssh/engine.js';
import { HostKeys } from './ssh/hostKeys.js';
import { ssh2Engine } from './ssh/ssh2Engine.js';
import { Tunnels } from './ssh/tunnels.js';
import type { Paths } from './workspace/paths.js';
import { Store } from './workspace/store.js';

/** Somebody connected to the socket. Its identity holds forwards open; its name is for display and audit only. */
export interface Client {
  kind: 'jupyterlab' | 'kernel' | 'cli' | 'vscode';
  name: string;
  approves: boolean;
}

/** Milliseconds in which changes of one forward become one hint. */
const coalescing = 50;

interface ServiceEvents {
  changed: [Changed];
}

/** The parts of the tunnel service, put together; and its one stream of hints. */
export class Service extends EventEmitter<ServiceEvents> {
  readonly since = new Date();
  readonly store: Store;
  readonly hostKeys: HostKeys;
  readonly tunnels: Tunnels;
  readonly clients = new Set<Client>();
  /** Forwards with a hint on its way. */
  private readonly due = new Set<string>();
  private readonly revisions: Record<Topic, number> = {
    integrations: 0,
    forwards: 0,
    prompts: 0,
    hostKeys: 0
  };

  constructor(
    readonly paths: Paths,
    readonly engine: SshEngine = ssh2Engine
  ) {
    super();
    this.setMaxListeners(0);
    this.store = new Store(paths.home);
    this.hostKeys = new HostKeys(this.store, () =>
      [...this.clients].some(({ approves }) => approves)
    );
    this.tunnels = new Tunnels(this.store, this.hostKeys, engine, paths.ports);
    this.store.on('integrations', id => this.hint('integrations', id));
    this.store.on('hostKeys', host => this.hint('hostKeys', host));
    this.hostKeys.on('prompts', id => this.hint('prompts', id));
    this.tunnels.on('changed', id => this.hintSoon(id));
  }

  revision(topic: Topic): number {
    return this.revisions[topic];
  }

  leave(client: Client): void {
    this.clients.delete(client);
    this.tunnels.release(client);
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

  private hint(topic: Topic, id: string): void {
    this.revisions[topic] += 1;
    this.emit('changed', { topic, id, revision: this.revisions[topic] });
  }
}
