import { type HostAndPort, hostPort } from '../address.js';
import { definitionOf } from '../integrations/registry.js';
import { fail } from '../serviceError.js';
import type { StoredIntegration } from '../workspace/store.js';
import type { Forward } from './forward.js';

/** Servers that one integration can name: a replica set has at most 50 members. */
const most = 64;

/** Binds a forward over the session of the integration's own one. */
type Bind = (
  integrationId: string,
  address: string,
  own: Forward,
  remote: HostAndPort
) => Promise<Forward>;

/**
 * Forwards to the further servers that an integration's own one names, such as the members of a replica set. They
 * run over the same session and end with the integration's own forward.
 */
export class Peers {
  /** By integration and then by address. Single flight, as for the integrations' own forwards. */
  private readonly forwards = new Map<string, Map<string, Promise<Forward>>>();
  private readonly listening = new Map<string, Set<Forward>>();

  constructor(private readonly bind: Bind) {}

  /**
   * @param own the integration's own forward, if it is bound
   * @throws ServiceError `forward-refused`: there is no other way to the server
   */
  async forward(
    { id, name, type }: StoredIntegration,
    own: Forward | undefined,
    remote: HostAndPort
  ): Promise<Forward> {
    const address = hostPort(remote);
    if (definitionOf(type).peers !== true || !own) {
      throw refused(
        `"${name}" can not lead to ${address} beside its own server.`,
        'Use an integration of its own for that server.',
        address
      );
    }
    if (address === hostPort(own.remote)) {
      return own;
    }
    const known = this.forwards.get(id) ?? new Map<string, Promise<Forward>>();
    this.forwards.set(id, known);
    let forward = known.get(address);
    if (!forward) {
      if (known.size >= most) {
        throw refused(
          `The server of "${name}" names more than ${most} others; ${address} is not dialled.`,
          'Check that it is the server you mean.',
          address
        );
      }
      forward = this.bind(id, address, own, remote).then(bound =>
        this.keep(id, known, bound)
      );
      known.set(address, forward);
      forward.catch(() => known.delete(address));
    }
    return forward;
  }

  bound(integrationId: string): Iterable<Forward> {
    return this.listening.get(integrationId) ?? [];
  }

  drop(integrationId: string): void {
    for (const forward of this.bound(integrationId)) {
      forward.close();
    }
    this.listening.delete(integrationId);
    this.forwards.delete(integrationId);
  }

  private keep(
    id: string,
    among: Map<string, Promise<Forward>>,
    bound: Forward
  ): Forward {
    if (this.forwards.get(id) !== among) {
      bound.close();
      throw refused(
        'The integration was disconnected meanwhile.',
        'Connect it again.',
        hostPort(bound.remote)
      );
    }
    const all = this.listening.get(id) ?? new Set();
    this.listening.set(id, all.add(bound));
    return bound;
  }
}

function refused(message: string, fix: string, address: string): Error {
  return fail('forward-refused', 'forward', message, fix, { address });
}
