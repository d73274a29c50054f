import type { HowToUse } from '@underpass/protocol';

import type {
  FromUrl,
  HowToUseContext,
  IntegrationDefinition
} from './define.js';
import {
  caCertificate,
  driverOptions,
  host,
  offeredSsh,
  optionalText,
  port,
  secret,
  tlsMode
} from './fields.js';
import { generalUrl } from './generalUrl.js';
import { databaseTexts } from './howToUse.js';

/** Options of the driver that fields decide, or that lead out of the tunnel. The connector refuses them, too. */
const decided: { [option: string]: string } = {
  uri: 'host',
  username: 'user',
  password: 'password',
  authorization: 'token',
  schema: 'schema',
  'adbc.flight.sql.authorization_header': 'token',
  'adbc.flight.sql.rpc.call_header.authorization': 'token',
  'adbc.flight.sql.rpc.call_header.schema': 'schema',
  'adbc.flight.sql.client_option.authority': 'host',
  'adbc.flight.sql.client_option.tls_override_hostname': 'host',
  'adbc.flight.sql.client_option.tls_root_certs': 'caCertificate',
  'adbc.flight.sql.client_option.tls_skip_verify': 'sslMode',
  'adbc.flight.sql.client_option.mtls_cert_chain': 'sslMode',
  'adbc.flight.sql.client_option.mtls_private_key': 'sslMode',
  'adbc.flight.sql.oauth.flow': 'token',
  'adbc.flight.sql.oauth.auth_uri': 'token',
  'adbc.flight.sql.oauth.token_uri': 'token'
};

export const dremio: IntegrationDefinition = {
  id: 'dremio',
  label: 'Dremio',
  kind: 'database',
  ssh: 'offered',
  defaultPort: 32010,
  tls: { modes: ['preferred', 'required', 'strict'], default: 'preferred' },
  shape: {
    host: host('Host', 'As the bastion knows it, where one is used'),
    port: port('Port', 32010),
    token: secret('Personal access token'),
    user: optionalText('User', 'Where there is no token'),
    password: secret('Password'),
    schema: optionalText(
      'Schema',
      'Space, source or folder that names without a path are in, such as Samples.sales'
    ),
    sslMode: tlsMode(),
    caCertificate: caCertificate(),
    options: driverOptions(
      'routing_queue = reports (a property of the session), or adbc.flight.sql.rpc.timeout_seconds.fetch = 600',
      decided
    ),
    ...offeredSsh
  },
  links: [
    {
      label: 'Flight SQL in Dremio',
      url: 'https://docs.dremio.com/current/developer/arrow-flight-sql'
    },
    {
      label: 'Personal access tokens',
      url: 'https://docs.dremio.com/current/security/authentication/personal-access-tokens/'
    }
  ],
  keywords: ['arrow flight', 'lakehouse'],
  urlSchemes: ['dremio', 'dremio+flight', 'arrow-flight-sql'],
  fromUrl: url => fromJdbc(generalUrl(dremio, url)),
  remote: fields => ({ host: String(fields.host), port: Number(fields.port) }),
  howToUse: context => [
    ...databaseTexts(context, 'SELECT * FROM INFORMATION_SCHEMA."TABLES"', {
      engine: false
    }),
    ...(context.fields.sshEnabled === true ? [throughTunnel(context)] : [])
  ]
};

/** What the JDBC driver and SQLAlchemy's dialect call TLS: on, unless they are told otherwise. */
function fromJdbc({ fields, secrets, remarks = [] }: FromUrl): FromUrl {
  const options = { ...(fields.options as { [name: string]: string }) };
  const taken = (name: string): string | undefined => {
    const found = Object.keys(options).find(
      option => option.toLowerCase() === name
    );
    const value = found && options[found];
    delete options[found ?? ''];
    return value?.toLowerCase();
  };
  const encrypted = taken('useencryption') !== 'false';
  const unchecked = taken('disablecertificateverification') === 'true';
  const mode = encrypted ? (unchecked ? 'required' : 'strict') : 'preferred';
  const rest: FromUrl['fields'] = {
    ...fields,
    sslMode: fields.sslMode ?? mode
  };
  delete rest.options;
  return {
    fields: {
      ...rest,
      ...(Object.keys(options).length > 0 ? { options } : {})
    },
    secrets,
    remarks: encrypted
      ? remarks
      : [
          'useEncryption=false asks for no encryption at all, which is none of the modes here: TLS is set to preferred.',
          ...remarks
        ]
  };
}

/** What the driver is told about certificates; `ca.crt` is for the person to save. */
function verification({ fields, prefix }: HowToUseContext): string[] {
  const option = 'adbc.flight.sql.client_option';
  const name = `"${option}.tls_override_hostname": os.environ["${prefix}_REMOTE_HOST"],`;
  if (fields.sslMode !== 'strict') {
    return [name, `"${option}.tls_skip_verify": "true",`];
  }
  return fields.caCertificate
    ? [name, `"${option}.tls_root_certs": Path("ca.crt").read_text(),`]
    : [name];
}

function throughTunnel(context: HowToUseContext): HowToUse {
  const { prefix, fields } = context;
  const options = verification(context);
  return {
    title: 'With Arrow Flight SQL',
    language: 'python',
    code: [
      'import os',
      'from getpass import getpass',
      ...(options.join().includes('Path(') ? ['from pathlib import Path'] : []),
      '',
      'import adbc_driver_flightsql.dbapi as flight_sql',
      '',
      'connection = flight_sql.connect(',
      `    f"grpc+tls://{os.environ['${prefix}_LOCAL_HOST']}:{os.environ['${prefix}_LOCAL_PORT']}",`,
      '    db_kwargs={',
      ...(fields.user
        ? [
            `        "username": ${JSON.stringify(fields.user)},`,
            '        "password": getpass(),'
          ]
        : [
            '        "adbc.flight.sql.authorization_header": f"Bearer {getpass(\'Token: \')}",'
          ]),
      ...options.map(line => `        ${line}`),
      '    },',
      '    autocommit=True,',
      ')'
    ].join('\n')
  };
}
