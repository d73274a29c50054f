import type { IntegrationDefinition } from './define.js';
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
import { databaseTexts } from './howToUse.js';
import { libpqDecided, libpqTexts } from './libpq.js';

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
  keywords: ['aws'],
  urlSchemes: [
    'redshift',
    'redshift+psycopg2',
    'redshift+redshift_connector',
    'redshift+psycopg'
  ],
  remote: fields => ({ host: String(fields.host), port: Number(fields.port) }),
  howToUse: context => [
    ...databaseTexts(context, 'SELECT version()', { engine: true }),
    ...(context.fields.sshEnabled === true
      ? libpqTexts(context, 'Redshift', {
          client_encoding: '"utf8"',
          prepare_threshold: 'None'
        })
      : [])
  ]
};
