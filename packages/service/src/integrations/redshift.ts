import type { HowToUse } from '@underpass/protocol';

import type { HowToUseContext, IntegrationDefinition } from './define.js';
import {
  caCertificate,
  driverOptions,
  host,
  offeredSsh,
  port,
  secret,
  text,
  tlsMode
} from './fields.js';
import { sqlCell } from './howToUse.js';
import { libpqDecided } from './libpq.js';

export const redshift: IntegrationDefinition = {
  id: 'redshift',
  label: 'Amazon Redshift',
  kind: 'database',
  ssh: 'offered',
  defaultPort: 5439,
  // Every cluster and workgroup has TLS. `preferred` is there for what stands in front of one without.
  tls: { modes: ['preferred', 'required', 'strict'], default: 'required' },
  shape: {
    host: host(
      'Endpoint',
      'Of the cluster or workgroup, without port and database'
    ),
    port: port('Port', 5439),
    user: text('User'),
    password: secret('Password'),
    database: text('Database'),
    sslMode: tlsMode('required'),
    caCertificate: caCertificate(),
    options: driverOptions(
      'query_group = reports, or search_path = sales',
      libpqDecided
    ),
    ...offeredSsh
  },
  links: [
    {
      label: 'TLS in Amazon Redshift',
      url: 'https://docs.aws.amazon.com/redshift/latest/mgmt/connecting-ssl-support.html'
    }
  ],
  urlSchemes: [
    'redshift',
    'redshift+psycopg2',
    'redshift+redshift_connector',
    'redshift+psycopg'
  ],
  remote: fields => ({ host: String(fields.host), port: Number(fields.port) }),
  howToUse: context => [
    sqlCell(context, 'SELECT version()'),
    ...(context.fields.sshEnabled === true ? throughTunnel(context) : [])
  ]
};

function throughTunnel({ prefix, fields }: HowToUseContext): HowToUse[] {
  const user = JSON.stringify(fields.user);
  const database = JSON.stringify(fields.database);
  return [
    {
      title: 'Python',
      language: 'python',
      code: [
        'import os',
        'from getpass import getpass',
        '',
        'import psycopg',
        '',
        'connection = psycopg.connect(',
        `    host=os.environ["${prefix}_REMOTE_HOST"],`,
        `    hostaddr=os.environ["${prefix}_LOCAL_HOST"],`,
        `    port=os.environ["${prefix}_LOCAL_PORT"],`,
        `    user=${user},`,
        `    dbname=${database},`,
        '    password=getpass(),',
        '    sslmode="require",',
        '    client_encoding="utf8",',
        '    prepare_threshold=None,',
        ')'
      ].join('\n')
    },
    {
      title: 'R',
      language: 'r',
      code: [
        'connection <- DBI::dbConnect(',
        '  RPostgres::Redshift(),',
        `  host = Sys.getenv("${prefix}_REMOTE_HOST"),`,
        `  hostaddr = Sys.getenv("${prefix}_LOCAL_HOST"),`,
        `  port = Sys.getenv("${prefix}_LOCAL_PORT"),`,
        `  user = ${user},`,
        `  dbname = ${database},`,
        '  sslmode = "require",',
        '  password = getPass::getPass()',
        ')'
      ].join('\n')
    },
    {
      title: 'Shell',
      language: 'shell',
      code: `psql "host=$${prefix}_REMOTE_HOST hostaddr=$${prefix}_LOCAL_HOST port=$${prefix}_LOCAL_PORT user=${fields.user} dbname=${fields.database} sslmode=require"`
    }
  ];
}
