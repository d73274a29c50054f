import { asCidr } from '../addresses.js';
import {
  all,
  type GuideContext,
  type GuideDefinition,
  portStep,
  shellCommand
} from './define.js';

const ruleName = 'underpass-egress';

/** One rule for each family: a rule of Google's holds one of them. */
export const googleFirewall: GuideDefinition = {
  id: 'google-vpc-firewall',
  write: context => {
    const { v4, v6, target, changes } = context;
    return {
      id: 'google-vpc-firewall',
      title: 'Google Cloud VPC firewall rule',
      steps: [
        `Put the network of ${target} in the place of NETWORK, and a network tag of its machine in the place of TAG.`,
        portStep(context),
        ...(v4.length > 0 && v6.length > 0
          ? ['IPv4 and IPv6 can not be in one rule: there are two.']
          : [])
      ],
      warnings: [
        'Such rules are for virtual machines: a Cloud SQL instance has authorized networks instead.'
      ],
      language: 'shell',
      command: families(context)
        .map(([name, addresses]) => create(context, name, addresses))
        .join('\n'),
      ...(changes && all(changes.add).length + all(changes.remove).length > 0
        ? { change: change(context, changes) }
        : {}),
      link: 'https://cloud.google.com/firewall/docs/using-firewalls'
    };
  }
};

type Family = [name: string, addresses: readonly string[]];

function families({
  v4,
  v6
}: {
  v4: readonly string[];
  v6: readonly string[];
}) {
  const both: Family[] = [
    [ruleName, v4],
    [`${ruleName}-ipv6`, v6]
  ];
  return both.filter(([, addresses]) => addresses.length > 0);
}

function create(
  { port }: GuideContext,
  name: string,
  addresses: readonly string[]
): string {
  return shellCommand(
    `gcloud compute firewall-rules create ${name}`,
    '--network=NETWORK --direction=INGRESS --target-tags=TAG',
    `--allow=tcp:${port}`,
    `--source-ranges=${addresses.map(asCidr).join(',')}`
  );
}

/** A family that is new needs a rule, one that is gone needs none, and updating one replaces its list. */
function change(
  context: GuideContext,
  { add, remove }: NonNullable<GuideContext['changes']>
): string {
  const commands: string[] = [];
  for (const [family, name] of [
    ['v4', ruleName],
    ['v6', `${ruleName}-ipv6`]
  ] as const) {
    const now = context[family];
    const changed = add[family].length + remove[family].length > 0;
    const before = now.length - add[family].length + remove[family].length;
    if (now.length === 0 && before > 0) {
      commands.push(`gcloud compute firewall-rules delete ${name}`);
    } else if (before === 0 && now.length > 0) {
      commands.push(create(context, name, now));
    } else if (changed) {
      commands.push(
        shellCommand(
          `gcloud compute firewall-rules update ${name}`,
          `--source-ranges=${now.map(asCidr).join(',')}`
        )
      );
    }
  }
  return commands.join('\n');
}
