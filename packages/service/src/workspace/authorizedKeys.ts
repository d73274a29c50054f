import { type HostAndPort, hostPort } from '../address.js';
import { sshTarget, type SshTarget } from '../integrations/define.js';
import { definitionOf } from '../integrations/registry.js';
import { obstacleTo } from '../integrations/usable.js';
import type { StoredIntegration } from './store.js';

/** An SSH server and what the workspace wants of it. */
export interface UsedBastion extends SshTarget {
  /** Names of the integrations. */
  integrations: string[];
  /** Where they lead to from there. */
  targets: HostAndPort[];
}

/**
 * The bastions of these integrations, each with what exactly those that use it need.
 * @param furtherOf servers that an integration was found to need besides its own: members of a replica set
 */
export function bastionsOf(
  integrations: readonly StoredIntegration[],
  furtherOf: (id: string) => readonly HostAndPort[] = () => []
): UsedBastion[] {
  const bastions = new Map<string, UsedBastion>();
  const usable = integrations.filter(kept => !obstacleTo(kept));
  for (const { id, name, type, fields } of usable) {
    const definition = definitionOf(type);
    const target = sshTarget(definition, fields);
    if (target) {
      const key = `${target.user}@${hostPort(target)}`;
      const bastion = bastions.get(key) ?? {
        ...target,
        integrations: [],
        targets: []
      };
      bastion.integrations.push(name);
      bastion.targets.push(
        ...(definition.seeds?.(fields) ?? [definition.remote(fields)]),
        ...furtherOf(id)
      );
      bastions.set(key, bastion);
    }
  }
  return [...bastions.values()];
}

export function isSameBastion(one: SshTarget, other: SshTarget): boolean {
  return (
    one.host === other.host &&
    one.port === other.port &&
    one.user === other.user
  );
}

/**
 * A line for `authorized_keys` that allows forwarding to these targets and nothing else. `restrict` alone leaves more
 * than its name says: commands (without a terminal), so there is one that does nothing; and with `port-forwarding` the
 * server would also listen for us, so that is tied to a port that only root could have (`permitlisten`, OpenSSH 7.8).
 * @returns undefined without targets: a line without `permitopen` would allow all
 */
export function authorizedKeysLine(
  publicKey: string,
  targets: readonly HostAndPort[]
): string | undefined {
  const permitted = [...new Set(targets.filter(isPlain).map(hostPort))];
  return permitted.length === 0
    ? undefined
    : [
        'restrict',
        'port-forwarding',
        'command="false"',
        'permitlisten="localhost:1"',
        ...permitted.map(address => `permitopen="${address}"`)
      ].join(',') + ` ${publicKey}`;
}

/** sshd takes names literally; what could end the quotes, or mean any host, is in no name. */
function isPlain({ host, port }: HostAndPort): boolean {
  return /^[\p{L}\p{N}._:%-]+$/u.test(host) && Number.isInteger(port);
}
