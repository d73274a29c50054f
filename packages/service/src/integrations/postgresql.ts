import type { IntegrationDefinition } from './define.js';
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
import { databaseTexts } from './howToUse.js';
import { libpqDecided, libpqTexts } from './libpq.js';

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
  keywords: [
    'pg',
    'psql',
    'cockroachdb',
    'timescale',
    'aurora',
    'neon',
    'supabase'
  ],
  urlSchemes: ['postgresql', 'postgres'],
  remote: fields => ({ host: String(fields.host), port: Number(fields.port) }),
  howToUse: context => [
    ...databaseTexts(context, 'SELECT version()', { engine: true }),
    ...(context.fields.sshEnabled === true
      ? libpqTexts(context, 'Postgres')
      : [])
  ]
};
