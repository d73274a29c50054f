import { all, type GuideContext, type GuideDefinition } from './define.js';

const rule = 'underpass_egress';
const policy = 'underpass';

export const snowflakePolicy: GuideDefinition = {
  id: 'snowflake-network-policy',
  types: ['snowflake'],
  databaseOnly: true,
  write: ({ v4, v6, changes }) => {
    const rules = [
      ...(v4.length > 0 ? [{ name: rule, type: 'IPV4', values: v4 }] : []),
      ...(v6.length > 0
        ? [{ name: `${rule}_ipv6`, type: 'IPV6', values: v6 }]
        : [])
    ];
    return {
      id: 'snowflake-network-policy',
      title: 'Snowflake network policy',
      steps: [
        'Run this as a role that may create network rules and policies, such as SECURITYADMIN, in a schema of your choice: rules belong to one (USE SCHEMA …).',
        'Put the user that your integration logs in as in the place of USER_NAME.',
        ...(v6.length > 0
          ? [
              'Rules for IPv6 work in accounts on AWS alone: elsewhere leave that rule out, also in the policy.'
            ]
          : [])
      ],
      warnings: [
        'A network policy locks out everybody whose address is not in it. These statements set it for one user; before you set one for the account, add the addresses of all people and programs, yours first.',
        'If a policy is in force already, add the rule to that one instead: ALTER NETWORK POLICY … ADD ALLOWED_NETWORK_RULE_LIST. A user has one policy at most; it counts instead of the one of the account.'
      ],
      language: 'sql',
      command: [
        ...rules.map(({ name, type, values }) =>
          [
            `CREATE NETWORK RULE ${name}`,
            `  TYPE = ${type}`,
            '  MODE = INGRESS',
            `  VALUE_LIST = (${list(values)});`
          ].join('\n')
        ),
        [
          `CREATE NETWORK POLICY ${policy}`,
          `  ALLOWED_NETWORK_RULE_LIST = (${list(rules.map(({ name }) => name))});`
        ].join('\n'),
        `ALTER USER USER_NAME SET NETWORK_POLICY = ${policy};`
      ].join('\n'),
      ...(changes && all(changes.add).length + all(changes.remove).length > 0
        ? { change: change({ v4, v6 }, changes) }
        : {}),
      link: 'https://docs.snowflake.com/en/user-guide/network-policies'
    };
  }
};

/** Setting the values of a rule replaces them. */
function change(
  now: Pick<GuideContext, 'v4' | 'v6'>,
  { add, remove }: NonNullable<GuideContext['changes']>
): string {
  const statements: string[] = [];
  for (const [family, name, type] of [
    ['v4', rule, 'IPV4'],
    ['v6', `${rule}_ipv6`, 'IPV6']
  ] as const) {
    const values = now[family];
    const before = values.length - add[family].length + remove[family].length;
    if (before === 0 && values.length > 0) {
      statements.push(
        `CREATE NETWORK RULE ${name} TYPE = ${type} MODE = INGRESS VALUE_LIST = (${list(values)});`,
        `ALTER NETWORK POLICY ${policy} ADD ALLOWED_NETWORK_RULE_LIST = ('${name}');`
      );
    } else if (values.length === 0 && before > 0) {
      statements.push(
        `ALTER NETWORK POLICY ${policy} REMOVE ALLOWED_NETWORK_RULE_LIST = ('${name}');`,
        `DROP NETWORK RULE ${name};`
      );
    } else if (add[family].length + remove[family].length > 0) {
      statements.push(
        `ALTER NETWORK RULE ${name} SET VALUE_LIST = (${list(values)});`
      );
    }
  }
  return statements.join('\n');
}

function list(values: readonly string[]): string {
  return values.map(value => `'${value}'`).join(', ');
}
