import type { EgressGuide, Results } from '@underpass/protocol';

import { hostPort } from '../address.js';
import { sshTarget, type SshTarget } from '../integrations/define.js';
import { definitionOf } from '../integrations/registry.js';
import type { Policy } from '../policy/policy.js';
import { fail } from '../serviceError.js';
import type { StoredIntegration } from '../workspace/store.js';
import { isIpv6, readAddresses } from './addresses.js';
import type { Addresses, GuideContext } from './guides/define.js';
import { guides } from './guides/index.js';
import { type OwnAddresses, ownAddresses } from './ownAddresses.js';

type Shown = Results['underpass/egress/show'];

/** Run on this machine, it prints what the internet sees of it. */
const findOut = 'curl --silent --max-time 10 https://checkip.amazonaws.com';

/** Stands in commands where nobody gave an address. */
const unknown: Addresses = { v4: ['ADDRESS'], v6: [] };

export interface EgressQuestion {
  policy: Policy;
  /** What the user keeps in the workspace. */
  kept: readonly string[];
  integration: StoredIntegration | undefined;
  previous: readonly string[] | undefined;
}

export async function showEgress(question: EgressQuestion): Promise<Shown> {
  const { policy, kept, integration, previous } = question;
  if (!policy.allows('egress')) {
    return {
      enabled: false,
      source: 'none',
      from: policy.from('egress'),
      addresses: [],
      remarks: [],
      ownAddresses: [],
      note: 'The administrator has switched off the egress addresses.',
      findOut: '',
      guides: []
    };
  }
  const admin = policy.egressAddresses();
  const source =
    admin.addresses.length > 0 ? 'admin' : kept.length > 0 ? 'user' : 'none';
  const { addresses, remarks } =
    source === 'admin' ? admin : readAddresses(kept);
  const own = await ownAddresses();
  const bastion =
    integration &&
    sshTarget(definitionOf(integration.type), integration.fields);
  const changes =
    previous && difference(checked(previous).addresses, addresses);
  return {
    enabled: true,
    source,
    from: source === 'admin' ? admin.from : [],
    addresses,
    remarks,
    ownAddresses: [...own.outwards, ...own.others],
    note: note(source, own, integration, bastion),
    findOut,
    ...(bastion ? { bastion: { host: bastion.host, port: bastion.port } } : {}),
    ...(changes ? { changes } : {}),
    guides: write(addresses, changes, integration, bastion)
  };
}

/** A list without a wrong entry.  @throws ServiceError `invalid-field`, naming the first one */
export function checked(entries: readonly string[]) {
  const { refused, ...list } = readAddresses(entries);
  const first = refused[0];
  if (first) {
    throw fail(
      'invalid-field',
      'request',
      `"${first.entry}" ${first.reason}.`,
      'Give IPv4 or IPv6 addresses, or CIDR blocks such as 198.51.100.0/24.',
      { field: 'addresses', entry: first.entry, refused }
    );
  }
  return list;
}

function difference(previous: readonly string[], now: readonly string[]) {
  return {
    add: now.filter(address => !previous.includes(address)),
    remove: previous.filter(address => !now.includes(address))
  };
}

function note(
  source: Shown['source'],
  { outwards, others }: OwnAddresses,
  integration: StoredIntegration | undefined,
  bastion: SshTarget | undefined
): string {
  if (integration && bastion) {
    return `"${integration.name}" goes through SSH: the database sees the address of the bastion ${bastion.host}. Authorize the addresses below at the bastion, and the bastion's own address at the database.`;
  }
  const through =
    'An integration that uses SSH is seen with the address of its bastion.';
  switch (source) {
    case 'admin':
      return `Your administrator says that this server is seen with these addresses. ${through}`;
    case 'user':
      return `You say that this server is seen with these addresses. ${through}`;
    case 'none': {
      const own = outwards.length > 0 ? outwards : others;
      return `Nobody has said with which addresses this server is seen. ${
        own.length > 0
          ? `On its own network it uses ${own.join(' and ')}; behind NAT, the world sees another one.`
          : 'It has no address but its own loopback.'
      } ${through}`;
    }
  }
}

function write(
  addresses: readonly string[],
  changes: Shown['changes'],
  integration: StoredIntegration | undefined,
  bastion: SshTarget | undefined
): EgressGuide[] {
  const given = addresses.length > 0 ? families(addresses) : unknown;
  return guides
    .filter(
      ({ types }) => !integration || !types || types.includes(integration.type)
    )
    .filter(({ types }) => types !== undefined || hasOwnPort(integration))
    .map(({ databaseOnly, write: guide }) => {
      const ofDatabase = databaseOnly && bastion;
      const context: GuideContext = {
        ...(ofDatabase ? addressOf(bastion) : given),
        ...place(integration, bastion),
        ...(changes && !ofDatabase && addresses.length > 0
          ? {
              changes: {
                add: families(changes.add),
                remove: families(changes.remove)
              }
            }
          : {})
      };
      const written = guide(context);
      const steps = [...placeholders(context, bastion), ...written.steps];
      return { ...written, steps };
    });
}

/** Warehouses of which nobody runs the network have no port to open. */
function hasOwnPort(integration: StoredIntegration | undefined): boolean {
  return !integration || definitionOf(integration.type).tls !== 'always';
}

function place(
  integration: StoredIntegration | undefined,
  bastion: SshTarget | undefined
): Pick<GuideContext, 'port' | 'target' | 'guessed'> {
  if (bastion) {
    return {
      port: bastion.port,
      target: `the bastion ${hostPort(bastion)}`,
      guessed: false
    };
  }
  return integration
    ? {
        port: definitionOf(integration.type).remote(integration.fields).port,
        target: `"${integration.name}"`,
        guessed: false
      }
    : { port: 5432, target: 'the database', guessed: true };
}

/** What the database sees of a bastion: its address, where that is how the integration calls it. */
function addressOf({ host }: SshTarget): Addresses {
  const { addresses } = readAddresses([host]);
  return addresses.length > 0
    ? families(addresses)
    : { v4: ['BASTION_ADDRESS'], v6: [] };
}

function placeholders(
  { v4 }: Addresses,
  bastion: SshTarget | undefined
): string[] {
  switch (v4[0]) {
    case 'ADDRESS':
      return [
        'Put the address that the world sees of this server in the place of ADDRESS.'
      ];
    case 'BASTION_ADDRESS':
      return [
        `Put the address that the database sees of ${bastion?.host ?? 'the bastion'} in the place of BASTION_ADDRESS.`
      ];
    default:
      return [];
  }
}

function families(addresses: readonly string[]): Addresses {
  return {
    v4: addresses.filter(address => !isIpv6(address)),
    v6: addresses.filter(isIpv6)
  };
}
