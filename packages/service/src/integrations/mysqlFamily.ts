/**
 * What the systems that speak MySQL's protocol have in common.
 */
import type { HowToUse } from '@underpass/protocol';

import type { HowToUseContext, IntegrationDefinition } from './define.js';
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
import { databaseTexts } from './howToUse.js';

/** Words of PyMySQL's that fields decide, and the field. The connector refuses what it does not know, too. */
const decided: { [word: string]: string } = {
  host: 'host',
  unix_socket: 'host',
  bind_address: 'host',
  port: 'port',
  user: 'user',
  password: 'password',
  passwd: 'password',
  database: 'database',
  db: 'database',
  read_default_file: 'host',
  read_default_group: 'host',
  ssl: 'sslMode',
  ssl_disabled: 'sslMode',
  ssl_verify_cert: 'sslMode',
  ssl_verify_identity: 'sslMode',
  ssl_ca: 'caCertificate',
  ssl_cert: 'clientCertificate',
  ssl_key: 'clientKey',
  ssl_key_password: 'clientKey',
  local_infile: '',
  client_flag: '',
  conv: '',
  use_unicode: ''
};

/** What differs between them. */
interface Member {
  id: string;
  label: string;
  defaultPort: number;
  urlSchemes: string[];
  link: { label: string; url: string };
  /** Statement of the first SQL cell. */
  statement: string;
  /** Its own command line program; those of MySQL and MariaDB take different options for TLS. */
  shell: (context: HowToUseContext) => HowToUse;
  /** SQLAlchemy knows it. */
  engine: boolean;
  /** Users can be asked for a certificate. */
  certificates: boolean;
}

export function mysqlFamily(member: Member): IntegrationDefinition {
  const { id, label, defaultPort, urlSchemes, link } = member;
  return {
    id,
    label,
    kind: 'database',
    ssh: 'offered',
    defaultPort,
    tls: { modes: ['preferred', 'required', 'strict'], default: 'preferred' },
    shape: {
      host: host('Host', 'As the bastion knows it, where one is used'),
      port: port('Port', defaultPort),
      user: text('User'),
      password: secret('Password'),
      database: optionalText('Database', 'The one that is used at first'),
      sslMode: tlsMode(),
      caCertificate: caCertificate(),
      ...(member.certificates
        ? { clientCertificate: clientCertificate(), clientKey: clientKey() }
        : {}),
      options: driverOptions(
        'sql_mode = ANSI, or time_zone = Europe/Berlin',
        decided
      ),
      ...offeredSsh
    },
    links: [link],
    urlSchemes,
    remote: fields => ({
      host: String(fields.host),
      port: Number(fields.port)
    }),
    howToUse: context => [
      ...databaseTexts(context, member.statement, { engine: member.engine }),
      ...(context.fields.sshEnabled === true
        ? [python(context), r(context), member.shell(context)]
        : [])
    ]
  };
}

/** The database's own name is what the certificate is checked against; the forward is what is dialled. */
function python({ prefix, fields }: HowToUseContext): HowToUse {
  const { sslMode, user, database, caCertificate } = fields;
  const strict = sslMode === 'strict';
  const trusted = strict && caCertificate ? 'cafile="ca.pem"' : '';
  const context =
    sslMode === 'preferred'
      ? []
      : [
          `tls = ssl.create_default_context(${trusted})`,
          ...(strict
            ? []
            : [
                'tls.check_hostname = False',
                'tls.verify_mode = ssl.CERT_NONE'
              ]),
          ...(fields.clientCertificate
            ? ['tls.load_cert_chain("client.crt", "client.key")']
            : [])
        ];
  return {
    title: 'With PyMySQL',
    language: 'python',
    code: [
      'import os',
      'import socket',
      ...(context.length > 0 ? ['import ssl'] : []),
      'from getpass import getpass',
      '',
      'import pymysql',
      '',
      ...context,
      'connection = pymysql.connect(',
      `    host=os.environ["${prefix}_REMOTE_HOST"],`,
      `    user=${JSON.stringify(user)},`,
      ...(database ? [`    database=${JSON.stringify(database)},`] : []),
      '    password=getpass().encode(),',
      ...(context.length > 0 ? ['    ssl=tls,'] : []),
      '    defer_connect=True,',
      ')',
      `forward = (os.environ["${prefix}_LOCAL_HOST"], os.environ["${prefix}_LOCAL_PORT"])`,
      'connection.connect(socket.create_connection(forward))'
    ].join('\n')
  };
}

/** These clients are told one name only, which is that of the forward. */
const unchecked = '# This does not check the name in the certificate.';
/** MariaDB's library insists on TLS only where it checks that name. */
const uninsisting = '# Where the server offers no TLS, this connects without.';

function r({ prefix, fields }: HowToUseContext): HowToUse {
  const { user, database } = fields;
  return {
    title: 'R',
    language: 'r',
    code: [
      ...(fields.sslMode === 'preferred' ? [] : [unchecked, uninsisting]),
      'connection <- DBI::dbConnect(',
      '  RMariaDB::MariaDB(),',
      `  host = Sys.getenv("${prefix}_LOCAL_HOST"),`,
      `  port = as.integer(Sys.getenv("${prefix}_LOCAL_PORT")),`,
      `  username = ${JSON.stringify(user)},`,
      ...(database ? [`  dbname = ${JSON.stringify(database)},`] : []),
      ...(fields.sslMode === 'preferred' ? [] : ['  ssl.ca = "ca.pem",']),
      '  password = getPass::getPass()',
      ')'
    ].join('\n')
  };
}

/** `--ssl-mode` of MySQL's own program. A name other than the one that is dialled it can not check. */
export function mysqlProgram({ prefix, fields }: HowToUseContext): HowToUse {
  const mode = { preferred: 'PREFERRED', required: 'REQUIRED' }[
    String(fields.sslMode)
  ];
  return shell(
    `mysql --ssl-mode=${mode ?? 'VERIFY_CA --ssl-ca=ca.pem'}`,
    prefix,
    fields
  );
}

/** MariaDB's own program: `--ssl` alone checks no certificate. */
export function mariadbProgram({ prefix, fields }: HowToUseContext): HowToUse {
  const { sslMode } = fields;
  const tls = sslMode === 'strict' ? '--ssl-ca=ca.pem' : '--ssl';
  const text = shell(`mariadb ${tls}`, prefix, fields);
  return sslMode === 'preferred'
    ? text
    : { ...text, code: `${uninsisting}\n${text.code}` };
}

function shell(
  program: string,
  prefix: string,
  { user, database, sslMode }: HowToUseContext['fields']
): HowToUse {
  const login = `--host="$${prefix}_LOCAL_HOST" --port="$${prefix}_LOCAL_PORT" --user=${quoted(user)} --password`;
  const command = `${program} ${login}${database ? ` ${quoted(database)}` : ''}`;
  return {
    title: 'Shell',
    language: 'shell',
    code: sslMode === 'strict' ? `${unchecked}\n${command}` : command
  };
}

function quoted(word: unknown): string {
  return `'${String(word).replace(/'/g, `'\\''`)}'`;
}
