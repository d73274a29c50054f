import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import type { GuideContext } from './define.js';
import { guides } from './index.js';

const v4 = [
  ...['107.22.50.0', '18.214.47.38', '3.217.84.43', '3.229.1.246'],
  ...['3.230.201.213', '44.216.70.44', '52.21.216.28', '52.55.205.54'],
  ...['54.144.37.244', '54.165.20.26', '54.235.42.8', '54.242.142.100']
];
const former = [
  ...['3.220.159.34', '34.236.123.2', '52.5.148.98', '3.230.134.18'],
  '3.209.101.227'
];
const v6 = ['2620:fe::fe', '2620:fe:1::/48'];
const none = { v4: [], v6: [] };

const context = (more: Partial<GuideContext> = {}): GuideContext => ({
  ...{ v4, v6: [], port: 5432, target: 'the database', guessed: false },
  ...more
});

function guide(id: string, more: Partial<GuideContext> = {}) {
  const found = guides.find(definition => definition.id === id);
  assert.ok(found, id);
  return found.write(context(more));
}

/** The arguments of each command, as a real shell takes the text apart. */
function parsed(text: string): string[][] {
  const script = [
    'for name in aws gcloud; do eval "$name() { printf \'%s\\0\' $name \\"\\$@\\"; printf \'\\n\\0\'; }"; done',
    text
  ].join('\n');
  const output = execFileSync('sh', ['-euc', script], { encoding: 'utf8' });
  const commands: string[][] = [];
  let command: string[] = [];
  for (const word of output.split('\0').slice(0, -1)) {
    if (word === '\n') {
      commands.push(command);
      command = [];
    } else {
      command.push(word);
    }
  }
  return commands;
}

const bits = (addresses: readonly string[]) =>
  addresses.map(address => `${address}/32`).join(',');

test('Google Cloud SQL gets the whole list in one argument, and the warning that it replaces the former', () => {
  const { command, warnings, change } = guide('google-cloud-sql');
  assert.deepEqual(parsed(command), [
    [
      ...['gcloud', 'sql', 'instances', 'patch', 'INSTANCE'],
      `--authorized-networks=${bits(v4)}`
    ]
  ]);
  assert.match(warnings.join(' '), /replaces the whole list/);
  assert.equal(change, undefined);
});

test('Google Cloud SQL is never told to take everything away', () => {
  const { command, warnings } = guide('google-cloud-sql', { v4: [], v6 });
  assert.equal(command, '');
  assert.match(warnings.join(' '), /left out 2620:fe::fe, 2620:fe:1::\/48/);
});

test('an AWS security group gets one permission with each address, IPv6 apart', () => {
  const [words = []] = parsed(
    guide('aws-security-group', { v6, port: 3306 }).command
  );
  assert.deepEqual(words.slice(0, -1), [
    ...['aws', 'ec2', 'authorize-security-group-ingress'],
    ...['--group-id', 'SECURITY_GROUP_ID', '--ip-permissions']
  ]);
  const about = { Description: 'Underpass' };
  assert.deepEqual(JSON.parse(words.at(-1) ?? ''), [
    {
      IpProtocol: 'tcp',
      FromPort: 3306,
      ToPort: 3306,
      IpRanges: v4.map(it => ({ CidrIp: `${it}/32`, ...about })),
      Ipv6Ranges: [
        { CidrIpv6: '2620:fe::fe/128', ...about },
        { CidrIpv6: '2620:fe:1::/48', ...about }
      ]
    }
  ]);
});

test('an AWS security group with IPv4 alone gets no empty list', () => {
  const [words = []] = parsed(guide('aws-security-group').command);
  const [permission] = JSON.parse(words.at(-1) ?? '') as object[];
  assert.ok(permission && !('Ipv6Ranges' in permission));
});

test('Google VPC firewalls get one rule for each family', () => {
  const [four = [], six = [], ...more] = parsed(
    guide('google-vpc-firewall', { v6 }).command
  );
  assert.deepEqual(more, []);
  assert.deepEqual(four.slice(0, 5), [
    ...['gcloud', 'compute', 'firewall-rules', 'create', 'underpass-egress']
  ]);
  assert.ok(four.includes('--allow=tcp:5432'));
  assert.ok(four.includes('--direction=INGRESS'));
  assert.equal(four.at(-1), `--source-ranges=${bits(v4)}`);
  assert.equal(six[4], 'underpass-egress-ipv6');
  assert.equal(six.at(-1), '--source-ranges=2620:fe::fe/128,2620:fe:1::/48');
  assert.equal(parsed(guide('google-vpc-firewall').command).length, 1);
});

/** The statements of the grammar in Snowflake's manual that the guide is made of. */
const statement = {
  rule: /^CREATE NETWORK RULE (\w+)\s+TYPE = (IPV4|IPV6)\s+MODE = INGRESS\s+VALUE_LIST = \(('[\d.:a-f/]+'(?:, '[\d.:a-f/]+')*)\)$/,
  policy:
    /^CREATE NETWORK POLICY (\w+)\s+ALLOWED_NETWORK_RULE_LIST = \(('\w+'(?:, '\w+')*)\)$/,
  user: /^ALTER USER (\w+) SET NETWORK_POLICY = (\w+)$/,
  alterRule:
    /^ALTER NETWORK RULE (\w+) SET VALUE_LIST = \(('[\d.:a-f/]+'(?:, '[\d.:a-f/]+')*)\)$/
};
const statements = (sql: string) =>
  sql
    .split(';')
    .map(text => text.trim())
    .filter(text => text !== '');
const values = (list: string | undefined) =>
  (list ?? '').split(', ').map(value => value.slice(1, -1));

test('Snowflake gets rules, a policy of these rules, and the policy for one user', () => {
  const { command, warnings } = guide('snowflake-network-policy', { v6 });
  const [four = '', six = '', policy = '', user = '', ...more] =
    statements(command);
  assert.deepEqual(more, []);
  const [, nameOfFour, typeOfFour, listOfFour] =
    statement.rule.exec(four) ?? [];
  const [, nameOfSix, typeOfSix, listOfSix] = statement.rule.exec(six) ?? [];
  assert.equal(typeOfFour, 'IPV4');
  assert.deepEqual(values(listOfFour), v4);
  assert.equal(typeOfSix, 'IPV6');
  assert.deepEqual(values(listOfSix), v6);
  const [, nameOfPolicy, rules] = statement.policy.exec(policy) ?? [];
  assert.deepEqual(values(rules), [nameOfFour, nameOfSix]);
  assert.deepEqual(statement.user.exec(user)?.slice(1), [
    'USER_NAME',
    nameOfPolicy
  ]);
  assert.match(warnings.join(' '), /locks out everybody/);
});

test('a change says what to add and what to remove, in each vendor’s way', () => {
  const changes = { add: { v4, v6: [] }, remove: { v4: former, v6: [] } };
  const change = (id: string) => guide(id, { changes }).change ?? '';

  const [grant = [], revoke = []] = parsed(change('aws-security-group'));
  assert.equal(grant[2], 'authorize-security-group-ingress');
  assert.equal(revoke[2], 'revoke-security-group-ingress');
  const [granted] = JSON.parse(grant.at(-1) ?? '') as [
    { IpRanges: { CidrIp: string }[] }
  ];
  const [revoked] = JSON.parse(revoke.at(-1) ?? '') as [
    { IpRanges: { CidrIp: string }[] }
  ];
  assert.equal(granted.IpRanges.length, 12);
  assert.deepEqual(
    revoked.IpRanges,
    former.map(it => ({ CidrIp: `${it}/32` }))
  );

  const [update = [], ...others] = parsed(change('google-vpc-firewall'));
  assert.deepEqual(others, []);
  assert.equal(update[3], 'update');
  assert.equal(update.at(-1), `--source-ranges=${bits(v4)}`);

  const [alter = '', ...more] = statements(change('snowflake-network-policy'));
  assert.deepEqual(more, []);
  assert.deepEqual(values(statement.alterRule.exec(alter)?.[2]), v4);

  assert.equal(parsed(change('google-cloud-sql'))[0]?.[3], 'patch');
});

test('a change to another family makes the rule that is missing and deletes the one that is empty', () => {
  const changes = { add: { v4, v6: [] }, remove: { v4: [], v6 } };
  const change = (id: string) => guide(id, { changes }).change ?? '';
  assert.deepEqual(
    parsed(change('google-vpc-firewall')).map(words => words.slice(3, 5)),
    [
      ['create', 'underpass-egress'],
      ['delete', 'underpass-egress-ipv6']
    ]
  );
  const sql = statements(change('snowflake-network-policy'));
  assert.deepEqual(
    sql.map(text => text.split(' ').slice(0, 3).join(' ')),
    [
      'CREATE NETWORK RULE',
      'ALTER NETWORK POLICY',
      'ALTER NETWORK POLICY',
      'DROP NETWORK RULE'
    ]
  );
  // A list that did not change needs no command.
  for (const { write } of guides) {
    const same = write(context({ changes: { add: none, remove: none } }));
    assert.ok(!same.change);
  }
});

test('every guide leads to its vendor and names each placeholder of its command', () => {
  for (const definition of guides) {
    const { link, steps, command, title } = definition.write(context({ v6 }));
    assert.match(
      link,
      /^https:\/\/(cloud\.google|docs\.aws\.amazon|docs\.snowflake)\.com\//
    );
    assert.ok(title);
    const said = steps.join(' ');
    for (const placeholder of [
      ...['INSTANCE', 'SECURITY_GROUP_ID', 'NETWORK', 'TAG', 'USER_NAME']
    ]) {
      const inCommand = new RegExp(`[ =]${placeholder}\\b(?! (RULE|POLICY))`);
      if (inCommand.test(command.replaceAll('SET NETWORK_POLICY', ''))) {
        assert.ok(said.includes(placeholder), `${title}: ${placeholder}`);
      }
    }
  }
});
