import type { HowToUse } from '@underpass/protocol';

import type { HowToUseContext, IntegrationDefinition } from './define.js';
import {
  caCertificate,
  clientCertificate,
  clientKey,
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

export const postgresql: IntegrationDefinition = {
  id: 'postgresql',
  label: 'PostgreSQL',
  kind: 'database',
  ssh: 'offered',
  defaultPort: 5432,
  tls: { modes: ['preferred', 'required', 'strict'], default: 'preferred' },
  shape: {
    host: host('Host', 'As the bastion knows it, where one is used'),
    port: port('Port', 5432),
    user: text('User'),
    password: secret('Password'),
    database: text('Database'),
    sslMode: tlsMode(),
    caCertificate: caCertificate(),
    clientCertificate: clientCertificate(),
    clientKey: clientKey(),
    options: driverOptions(
      'application_name = report, or search_path = sales',
      libpqDecided
    ),
    ...offeredSsh
  },
  links: [
    {
      label: 'TLS in PostgreSQL',
      url: 'https://www.postgresql.org/docs/current/libpq-ssl.html'
    }
  ],
  urlSchemes: ['postgresql', 'postgres'],
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
        ')'
      ].join('\n')
    },
    {
      title: 'R',
      language: 'r',
      code: [
        'connection <- DBI::dbConnect(',
        '  RPostgres::Postgres(),',
        `  host = Sys.getenv("${prefix}_LOCAL_HOST"),`,
        `  port = Sys.getenv("${prefix}_LOCAL_PORT"),`,
        `  user = ${user},`,
        `  dbname = ${database},`,
        '  password = getPass::getPass()',
        ')'
      ].join('\n')
    },
    {
      title: 'Shell',
      language: 'shell',
      code: `psql "host=$${prefix}_REMOTE_HOST hostaddr=$${prefix}_LOCAL_HOST port=$${prefix}_LOCAL_PORT user=${fields.user} dbname=${fields.database}"`
    }
  ];
}
