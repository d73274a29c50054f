import { asCidr } from '../addresses.js';
import {
  type Addresses,
  all,
  type GuideDefinition,
  portStep,
  shellCommand,
  shellQuoted
} from './define.js';

/** Rules that a security group takes in each direction unless AWS was asked for more. */
const quota = 60;

export const awsSecurityGroup: GuideDefinition = {
  id: 'aws-security-group',
  write: context => {
    const { v4, v6, port, target, changes } = context;
    return {
      id: 'aws-security-group',
      title: 'AWS security group',
      steps: [
        `Put the id (sg-…) of the security group of ${target} in the place of SECURITY_GROUP_ID.`,
        portStep(context),
        'The command adds rules; those that are there stay.'
      ],
      warnings: [
        'If one of the rules is there already, AWS refuses the whole command: take that address out of it.',
        ...(v4.length > quota || v6.length > quota
          ? [
              `A security group takes ${quota} inbound rules unless AWS allows you more; each address is one.`
            ]
          : [])
      ],
      language: 'shell',
      command: command('authorize', port, context, 'Underpass'),
      ...(changes
        ? {
            change: [
              ...(all(changes.add).length > 0
                ? [command('authorize', port, changes.add, 'Underpass')]
                : []),
              // Revoking compares protocol, ports and address alone.
              ...(all(changes.remove).length > 0
                ? [command('revoke', port, changes.remove)]
                : [])
            ].join('\n')
          }
        : {}),
      link: 'https://docs.aws.amazon.com/vpc/latest/userguide/working-with-security-group-rules.html'
    };
  }
};

function command(
  verb: 'authorize' | 'revoke',
  port: number,
  { v4, v6 }: Addresses,
  description?: string
): string {
  const about = description ? { Description: description } : {};
  const permissions = [
    {
      IpProtocol: 'tcp',
      FromPort: port,
      ToPort: port,
      ...(v4.length > 0
        ? { IpRanges: v4.map(it => ({ CidrIp: asCidr(it), ...about })) }
        : {}),
      ...(v6.length > 0
        ? { Ipv6Ranges: v6.map(it => ({ CidrIpv6: asCidr(it), ...about })) }
        : {})
    }
  ];
  return shellCommand(
    `aws ec2 ${verb}-security-group-ingress`,
    '--group-id SECURITY_GROUP_ID',
    `--ip-permissions ${shellQuoted(JSON.stringify(permissions))}`
  );
}
