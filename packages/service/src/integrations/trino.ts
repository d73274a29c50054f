import type { HowToUse } from '@underpass/protocol';

import type {
  FromUrl,
  HowToUseContext,
  IntegrationDefinition
} from './define.js';
import {
  caCertificate,
  clientCertificate,
  clientKey,
  driverOptions,
  host,
  offeredSsh,
  optionalText,
  port,
  secret,
  text,
  tlsMode
} from './fields.js';
import { generalUrl } from './generalUrl.js';
import { databaseTexts } from './howToUse.js';
import { readUrl } from './urlParts.js';

/** Words of its JDBC driver that fields decide, and the field. The connector refuses what it does not know, too. */
const decided: { [word: string]: string } = {
  host: 'host',
  port: 'port',
  user: 'user',
  password: 'password',
  accesstoken: 'token',
  catalog: 'catalog',
  schema: 'schema',
  ssl: 'sslMode',
  sslverification: 'sslMode',
  ssltruststorepath: 'caCertificate',
  ssltruststorepassword: 'caCertificate',
  ssltruststoretype: 'caCertificate',
  sslusesystemtruststore: 'caCertificate',
  sslkeystorepath: 'clientCertificate',
  sslkeystorepassword: 'clientKey',
  sslkeystoretype: 'clientCertificate',
  hostnameincertificate: 'host',
  httpproxy: 'sshHost',
  socksproxy: 'sshHost',
  dnsresolver: 'host',
  encoding: '',
  externalauthentication: 'token',
  extracredentials: ''
};

/** `SSLVerification` of the JDBC driver, as `sslmode`. */
const verification: { [value: string]: string } = {
  FULL: 'verify-full',
  CA: 'verify-ca',
  NONE: 'require'
};

export const trino: IntegrationDefinition = {
  id: 'trino',
  label: 'Trino',
  kind: 'database',
  ssh: 'offered',
  defaultPort: 443,
  tls: { modes: ['preferred', 'required', 'strict'], default: 'preferred' },
  shape: {
    host: host('Host', 'The coordinator, as the bastion knows it, if any'),
    port: port('Port', 443),
    user: text('User'),
    password: secret('Password'),
    token: secret('Token (JWT), instead of a password'),
    catalog: optionalText('Catalog', 'Without one, write catalog.schema.table'),
    schema: optionalText('Schema'),
    sslMode: tlsMode(),
    caCertificate: caCertificate(),
    clientCertificate: clientCertificate(),
    clientKey: clientKey(),
    options: driverOptions(
      'query_max_run_time = 10m (a session property), clientTags = report or timezone = Europe/Berlin',
      decided
    ),
    ...offeredSsh
  },
  links: [
    {
      label: 'TLS in Trino',
      url: 'https://trino.io/docs/current/security/tls.html'
    },
    {
      label: 'Session properties',
      url: 'https://trino.io/docs/current/sql/show-session.html'
    }
  ],
  keywords: ['presto', 'starburst', 'athena'],
  urlSchemes: ['trino'],
  fromUrl,
  wrong: fields =>
    fields.schema && !fields.catalog
      ? { field: 'catalog', reason: 'is required with a schema' }
      : undefined,
  remote: fields => ({ host: String(fields.host), port: Number(fields.port) }),
  howToUse: context => [
    ...databaseTexts(context, 'SHOW CATALOGS', { engine: true }),
    ...(context.fields.sshEnabled === true ? [throughTunnel(context)] : [])
  ]
};

/** `trino://user@host:port/catalog/schema`; with SSL its JDBC driver checks everything unless told otherwise. */
function fromUrl(url: string): FromUrl {
  const parts = readUrl(url);
  const [catalog, schema] = parts.path.split('/');
  const said = new Map(
    parts.options.map(([name, value]) => [name.toLowerCase(), value])
  );
  const options = parts.options.flatMap(([name, value]): [string, string][] => {
    switch (name.toLowerCase()) {
      case 'ssl':
        return said.has('sslverification')
          ? []
          : [['sslmode', /^true$/i.test(value) ? 'verify-full' : 'disable']];
      case 'sslverification':
        return [['sslmode', verification[value.toUpperCase()] ?? value]];
      case 'accesstoken':
        return [['token', value]];
      default:
        return [[name, value]];
    }
  });
  const [head = ''] = /^[^:]+:\/\/[^/?#]*/.exec(url) ?? [];
  const { fields, secrets, remarks } = generalUrl(
    trino,
    `${head}?${new URLSearchParams(options)}`
  );
  return {
    fields: {
      ...fields,
      ...(catalog ? { catalog } : {}),
      ...(schema ? { schema } : {})
    },
    secrets,
    ...(remarks ? { remarks } : {})
  };
}

function throughTunnel({ prefix, fields }: HowToUseContext): HowToUse {
  const user = JSON.stringify(fields.user);
  const strict = fields.sslMode === 'strict';
  return {
    title: 'With the trino client',
    language: 'python',
    code: [
      'import os',
      'from getpass import getpass',
      '',
      'import requests',
      'import trino',
      ...(strict
        ? [
            'from requests.adapters import HTTPAdapter',
            '',
            `server = os.environ["${prefix}_REMOTE_HOST"]`,
            '',
            '',
            'class Named(HTTPAdapter):',
            '    """Checks the certificate for the server, not for the end of the tunnel."""',
            '',
            '    def init_poolmanager(self, *arguments, **options):',
            '        options.update(server_hostname=server, assert_hostname=server)',
            '        super().init_poolmanager(*arguments, **options)',
            '',
            ''
          ]
        : ['']),
      'session = requests.Session()',
      'session.trust_env = False',
      ...(strict
        ? [
            `session.verify = ${fields.caCertificate ? '"ca.crt"' : 'True'}`,
            'session.mount("https://", Named())'
          ]
        : ['session.verify = False  # as the integration has it']),
      'connection = trino.dbapi.connect(',
      `    host=os.environ["${prefix}_LOCAL_HOST"],`,
      `    port=int(os.environ["${prefix}_LOCAL_PORT"]),`,
      `    user=${user},`,
      `    auth=trino.auth.BasicAuthentication(${user}, getpass()),`,
      ...(fields.catalog
        ? [`    catalog=${JSON.stringify(fields.catalog)},`]
        : []),
      ...(fields.schema
        ? [`    schema=${JSON.stringify(fields.schema)},`]
        : []),
      '    http_scheme="https",',
      '    http_session=session,',
      '    encoding=None,  # rows come through the tunnel, not from a store beside it',
      ')'
    ].join('\n')
  };
}
