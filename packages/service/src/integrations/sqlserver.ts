import type { HowToUse } from '@underpass/protocol';

import type { HowToUseContext, IntegrationDefinition } from './define.js';
import {
  caCertificate,
  driverOptions,
  host,
  offeredSsh,
  optionalText,
  port,
  secret,
  text,
  tlsMode
} from './fields.js';
import { databaseTexts } from './howToUse.js';
import { sqlserverUrl } from './sqlserverUrl.js';

/** Words of Microsoft's driver that fields decide, and the field. The connector refuses them, too. */
const decided: { [word: string]: string } = {
  server: 'host',
  address: 'host',
  addr: 'host',
  uid: 'user',
  pwd: 'password',
  authentication: 'user',
  trusted_connection: 'user',
  database: 'database',
  encrypt: 'sslMode',
  trustservercertificate: 'sslMode',
  trust_server_certificate: 'sslMode',
  hostnameincertificate: 'sslMode',
  servercertificate: 'caCertificate',
  // A connection that was lost is never made anew silently.
  connectretrycount: '',
  connectretryinterval: '',
  driver: '',
  app: ''
};

export const sqlserver: IntegrationDefinition = {
  id: 'sqlserver',
  label: 'SQL Server',
  kind: 'database',
  ssh: 'offered',
  defaultPort: 1433,
  tls: { modes: ['preferred', 'required', 'strict'], default: 'preferred' },
  shape: {
    host: host(
      'Host',
      'As the bastion knows it, where one is used. Of a named instance the host alone: its own port stands for its name.'
    ),
    port: port('Port', 1433),
    user: text('User', 'A login of the server (SQL Server authentication)'),
    password: secret('Password'),
    database: optionalText('Database', "Empty: the login's default database"),
    sslMode: tlsMode(),
    caCertificate: caCertificate(),
    options: driverOptions(
      'ApplicationIntent = ReadOnly, or PacketSize = 16384',
      decided
    ),
    ...offeredSsh
  },
  links: [
    {
      label: 'Options of the ODBC driver',
      url: 'https://learn.microsoft.com/sql/connect/odbc/dsn-connection-string-attribute'
    },
    {
      label: 'Encryption in SQL Server',
      url: 'https://learn.microsoft.com/sql/database-engine/configure-windows/configure-sql-server-encryption'
    }
  ],
  keywords: ['mssql', 'ms sql', 'azure sql', 'tsql', 'microsoft'],
  urlSchemes: ['sqlserver', 'mssql'],
  fromUrl: sqlserverUrl,
  remote: fields => ({ host: String(fields.host), port: Number(fields.port) }),
  howToUse: context => [
    ...databaseTexts(context, 'SELECT @@VERSION AS version', { engine: true }),
    ...(context.fields.sshEnabled === true
      ? [python(context), r(context), shell(context)]
      : [])
  ]
};

/** What ODBC is told for a mode; it has no word for "encrypted, if the server offers it". */
function encryption(sslMode: unknown): string[] {
  return sslMode === 'strict'
    ? ['Encrypt=yes']
    : ['Encrypt=yes', 'TrustServerCertificate=yes'];
}

function python({ prefix, fields }: HowToUseContext): HowToUse {
  const strict = fields.sslMode === 'strict';
  const words = [
    `f"Server=tcp:{os.environ['${prefix}_LOCAL_HOST']},{os.environ['${prefix}_LOCAL_PORT']};"`,
    ...(strict
      ? [`f"HostnameInCertificate={os.environ['${prefix}_REMOTE_HOST']};"`]
      : []),
    JSON.stringify(
      [
        ...(fields.database ? [`Database=${braced(fields.database)}`] : []),
        `UID=${braced(fields.user)}`,
        ...encryption(fields.sslMode)
      ].join(';')
    )
  ];
  return {
    title: 'With mssql-python',
    language: 'python',
    code: [
      'import os',
      'from getpass import getpass',
      '',
      'import mssql_python',
      '',
      ...(strict && fields.caCertificate
        ? ['# The CA of the integration must be among those of the system.']
        : []),
      'connection = mssql_python.connect(',
      ...words.map(word => `    ${word},`).map(withoutComma(words.length)),
      '    pwd=getpass(),',
      ')'
    ].join('\n')
  };
}

/** Texts that follow each other are one: only the last has a comma. */
function withoutComma(count: number): (line: string, index: number) => string {
  return (line, index) => (index < count - 1 ? line.replace(/,$/, '') : line);
}

function r({ prefix, fields }: HowToUseContext): HowToUse {
  const strict = fields.sslMode === 'strict';
  return {
    title: 'R',
    language: 'r',
    code: [
      'connection <- DBI::dbConnect(',
      '  odbc::odbc(),',
      '  Driver = "ODBC Driver 18 for SQL Server",',
      `  Server = paste0("tcp:", Sys.getenv("${prefix}_LOCAL_HOST"), ",", Sys.getenv("${prefix}_LOCAL_PORT")),`,
      ...(strict
        ? [`  HostnameInCertificate = Sys.getenv("${prefix}_REMOTE_HOST"),`]
        : []),
      ...encryption(fields.sslMode).map(
        word => `  ${word.replace(/=(.*)/, ' = "$1"')},`
      ),
      ...(fields.database
        ? [`  Database = ${JSON.stringify(fields.database)},`]
        : []),
      `  UID = ${JSON.stringify(fields.user)},`,
      '  PWD = getPass::getPass()',
      ')'
    ].join('\n')
  };
}

function shell({ prefix, fields }: HowToUseContext): HowToUse {
  const { user, database, sslMode } = fields;
  const command = `sqlcmd -S "tcp:$${prefix}_LOCAL_HOST,$${prefix}_LOCAL_PORT" -N -C -U ${quoted(user)}${
    database ? ` -d ${quoted(database)}` : ''
  }`;
  return {
    title: 'Shell',
    language: 'shell',
    code:
      sslMode === 'strict'
        ? `# This does not check the certificate.\n${command}`
        : command
  };
}

/** As connection strings of ODBC quote. */
function braced(value: unknown): string {
  const written = String(value);
  return /[;{}= ]/.test(written)
    ? `{${written.replace(/\}/g, '}}')}}`
    : written;
}

function quoted(word: unknown): string {
  return `'${String(word).replace(/'/g, `'\\''`)}'`;
}
