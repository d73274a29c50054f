import { EventEmitter } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

import type {
  ForwardDescription,
  ForwardState,
  Holder
} from '@underpass/protocol';

import { type HostAndPort, hostPort } from '../address.js';
import { fail, systemCode } from '../serviceError.js';
import { isOwnPeer } from './peer.js';
import type { Session } from './session.js';
import { splice } from './splice.js';
import { add, type Traffic, trafficOf } from './traffic.js';

const loopback = '127.0.0.1';
/** Milliseconds that an accepted socket is parked while the session is not up. */
const parkingTime = 30_000;

interface ForwardEvents {
  changed: [];
  /** It leads somewhere else now. */
  redirected: [];
  /** A person has shut it down, until its next use. */
  rested: [];
  closed: [];
}

/** Whoever holds a forward open: its identity counts, the rest is for people. */
export interface Consumer {
  readonly kind: string;
  readonly name: string;
}

/**
 * One local endpoint to one remote host:port across a session. The port is bound for the life of the forward,
 * whatever happens to the session: sockets accepted meanwhile are parked until it is up.
 */
export class Forward extends EventEmitter<ForwardEvents> {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  /** Who holds it open, for people. */
  private readonly held = new Map<Consumer, Holder>();
  private port = 0;
  private readonly since = new Date().toISOString();
  /** Shut down by a person and not used since, whatever other forwards do with the session. */
  private resting = false;
  private rests = 0;
  /** Of the sockets that are closed. */
  private readonly past: Traffic = { sent: 0, received: 0 };

  constructor(
    private currentSession: Session,
    private currentRemote: HostAndPort
  ) {
    super();
    this.server = createServer(
      { allowHalfOpen: true, pauseOnConnect: true, noDelay: true },
      socket => void this.accept(socket)
    );
    this.follow();
  }

  get session(): Session {
    return this.currentSession;
  }

  get remote(): HostAndPort {
    return this.currentRemote;
  }

  /**
   * Lead somewhere else from now on, on the same port, with the same holders. Sockets that are open are reset: they
   * lead to the former place.
   * @returns whether that is another place
   */
  redirect(session: Session, remote: HostAndPort): boolean {
    if (
      session === this.currentSession &&
      hostPort(remote) === hostPort(this.currentRemote)
    ) {
      return false;
    }
    this.unfollow();
    this.currentSession = session;
    this.currentRemote = remote;
    this.follow();
    this.resting = false;
    this.resetSockets();
    this.emit('redirected');
    return true;
  }

  get state(): ForwardState {
    return this.resting ? { kind: 'idle' } : this.session.state;
  }

  /** Grows each time when connections through it became useless; 0 while its session is not up. */
  get generation(): number {
    const { state } = this.session;
    return state.kind === 'up' ? state.generation + this.rests : 0;
  }

  /** Reset what is open and forget who holds it, until it is used again. */
  rest(): void {
    this.resting = true;
    this.rests += 1;
    this.held.clear();
    this.resetSockets();
    this.emit('rested');
    this.emit('changed');
  }

  /** Somebody uses it. */
  wake(): void {
    if (this.resting) {
      this.resting = false;
      this.emit('changed');
    }
  }

  /**
   * Bind the port: the wanted one where it is free, else any.
   * @throws ServiceError `port-in-use`
   */
  async listen(wanted = 0): Promise<number> {
    try {
      this.port = await bind(this.server, wanted);
    } catch (error) {
      if (wanted !== 0) {
        return this.listen();
      }
      throw fail(
        'port-in-use',
        'forward',
        `No local port could be bound (${systemCode(error) ?? String(error)}).`,
        'Close programs that hold many local ports.'
      );
    }
    return this.port;
  }

  get connections(): number {
    return this.sockets.size;
  }

  get localPort(): number {
    return this.port;
  }

  /** A socket is open or parked, or somebody holds it. */
  get wanted(): boolean {
    // Sockets that were reset are gone a moment later.
    return !this.resting && (this.sockets.size > 0 || this.held.size > 0);
  }

  /** @param name to show, where it is not the consumer's own */
  hold(consumer: Consumer, name = consumer.name): void {
    this.wake();
    const held = this.held.get(consumer);
    if (held?.name !== name) {
      const since = held?.since ?? new Date().toISOString();
      this.held.set(consumer, { name, kind: consumer.kind, since });
      this.emit('changed');
    }
  }

  release(consumer: Consumer): void {
    if (this.held.delete(consumer)) {
      this.emit('changed');
    }
  }

  /** Of the sockets that are open. */
  openTraffic(): Traffic {
    const total: Traffic = { sent: 0, received: 0 };
    for (const socket of this.sockets) {
      add(total, trafficOf(socket));
    }
    return total;
  }

  describe(): ForwardDescription {
    const { host, port } = this.session.target;
    const held = [...this.held.values()];
    const open = this.openTraffic();
    return {
      localHost: loopback,
      localPort: this.port,
      remoteHost: this.remote.host,
      remotePort: this.remote.port,
      bastion: hostPort({ host, port }),
      state: this.state,
      connections: this.sockets.size,
      consumers: [...new Set(held.map(({ name }) => name))],
      heldBy: held,
      since: this.since,
      bytesSent: this.past.sent + open.sent,
      bytesReceived: this.past.received + open.received
    };
  }

  close(): void {
    this.unfollow();
    this.server.close();
    this.resetSockets();
    this.held.clear();
    this.emit('closed');
  }

  private async accept(socket: Socket): Promise<void> {
    socket.on('error', () => undefined);
    const own = await isOwnPeer(socket).catch(() => false);
    if (!own || socket.destroyed) {
      socket.resetAndDestroy();
      return;
    }
    const parked = new AbortController();
    const deadline = setTimeout(() => parked.abort(), parkingTime);
    this.sockets.add(socket);
    const { session, remote } = this;
    this.resting = false;
    socket.once('close', () => {
      parked.abort();
      this.sockets.delete(socket);
      add(this.past, trafficOf(socket));
      add(session.traffic, trafficOf(socket));
      this.emit('changed');
    });
    this.emit('changed');
    try {
      const transport = await session.connected(parked.signal, {
        patient: true
      });
      const channel = await transport.openChannel(
        remote.host,
        remote.port,
        parked.signal
      );
      if (socket.destroyed) {
        channel.destroy();
        return;
      }
      splice(socket, channel, () => transport.alive);
    } catch {
      // The reason is in the session's state; a reset is all that a TCP client understands.
      socket.resetAndDestroy();
    } finally {
      clearTimeout(deadline);
    }
  }

  private readonly sessionChanged = () => this.emit('changed');

  private follow(): void {
    this.session
      .on('changed', this.sessionChanged)
      .on('lost', this.resetSockets);
  }

  private unfollow(): void {
    this.session
      .off('changed', this.sessionChanged)
      .off('lost', this.resetSockets);
  }

  private readonly resetSockets = () => {
    for (const socket of this.sockets) {
      socket.resetAndDestroy();
    }
  };
}

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: loopback, port, exclusive: true }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}
