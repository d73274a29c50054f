import type { HowToUse } from '@underpass/protocol';

import { clickhouseUrl } from './clickhouseUrl.js';
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

const PORT = 8443;
const PLAIN_PORT = 8123;

/** Words of ClickHouse's drivers that fields decide, and the field. All else is a setting of the server. */
const decided: { [word: string]: string } = {
  host: 'host',
  server_host_name: 'host',
  http_proxy: 'host',
  https_proxy: 'host',
  proxy_path: 'host',
  port: 'port',
  user: 'user',
  username: 'user',
  password: 'password',
  access_token: 'password',
  database: 'database',
  protocol: 'sslMode',
  interface: 'sslMode',
  secure: 'sslMode',
  ssl: 'sslMode',
  sslmode: 'sslMode',
  tls_mode: 'sslMode',
  verify: 'sslMode',
  ca_cert: 'caCertificate',
  sslrootcert: 'caCertificate',
  client_cert: 'clientCertificate',
  sslcert: 'clientCertificate',
  client_cert_key: 'clientKey',
  sslkey: 'clientKey',
  // The session is the connection's.
  session_id: '',
  session_timeout: '',
  session_check: '',
  query_id: ''
};

export const clickhouse: IntegrationDefinition = {
  id: 'clickhouse',
  label: 'ClickHouse',
  kind: 'database',
  ssh: 'offered',
  defaultPort: PORT,
  tls: { modes: ['preferred', 'required', 'strict'], default: 'preferred' },
  shape: {
    host: host('Host', 'As the bastion knows it, where one is used'),
    port: port('Port', PORT).meta({
      title: 'Port',
      description: `Of the HTTP interface: mostly ${PORT} with TLS, ${PLAIN_PORT} without`
    }),
    user: text('User'),
    password: secret('Password'),
    database: optionalText('Database', 'The one that is used at first'),
    sslMode: tlsMode(),
    caCertificate: caCertificate(),
    clientCertificate: clientCertificate(),
    clientKey: clientKey(),
    options: driverOptions(
      'max_execution_time = 60, or session_timezone = Europe/Berlin',
      decided
    ),
    ...offeredSsh
  },
  links: [
    {
      label: 'HTTP interface of ClickHouse',
      url: 'https://clickhouse.com/docs/interfaces/http'
    },
    {
      label: 'Settings of a session',
      url: 'https://clickhouse.com/docs/operations/settings/settings'
    }
  ],
  urlSchemes: ['clickhouse', 'clickhouses', 'clickhousedb', 'ch'],
  fromUrl: url => clickhouseUrl(clickhouse, url),
  remote: fields => ({ host: String(fields.host), port: Number(fields.port) }),
  howToUse: context => [
    ...databaseTexts(context, 'SELECT version()', { engine: false }),
    ...(context.fields.sshEnabled === true
      ? [python(context), r(context), shell(context)]
      : [])
  ]
};

/** Where TLS is optional, the usual port without it says that there is none. */
function isPlain({ fields }: HowToUseContext): boolean {
  return fields.sslMode === 'preferred' && fields.port === PLAIN_PORT;
}

function isChecked({ fields }: HowToUseContext): boolean {
  return fields.sslMode === 'strict';
}

function python(context: HowToUseContext): HowToUse {
  const { prefix, fields } = context;
  const tls = [
    '    secure=True,',
    isChecked(context)
      ? '    verify=True,  # ca_cert="ca.pem" for a CA of your own'
      : '    verify=False,',
    `    server_host_name=os.environ["${prefix}_REMOTE_HOST"],`
  ];
  return {
    title: 'With clickhouse-connect',
    language: 'python',
    code: [
      'import os',
      'from getpass import getpass',
      '',
      'import clickhouse_connect',
      '',
      'client = clickhouse_connect.get_client(',
      `    host=os.environ["${prefix}_LOCAL_HOST"],`,
      `    port=int(os.environ["${prefix}_LOCAL_PORT"]),`,
      `    username=${JSON.stringify(fields.user)},`,
      '    password=getpass(),',
      ...(fields.database
        ? [`    database=${JSON.stringify(fields.database)},`]
        : []),
      ...(isPlain(context) ? [] : tls),
      ')'
    ].join('\n')
  };
}

/** libcurl dials one address and speaks to the other. */
function r(context: HowToUseContext): HowToUse {
  const { prefix, fields } = context;
  const scheme = isPlain(context) ? 'http' : 'https';
  const tls = isChecked(context)
    ? '  # cainfo = "ca.pem" for a CA of your own'
    : isPlain(context)
      ? ''
      : ', ssl_verifypeer = FALSE, ssl_verifyhost = FALSE';
  return {
    title: 'R',
    language: 'r',
    code: [
      'variable <- Sys.getenv',
      `answer <- httr2::request(sprintf("${scheme}://%s:%s/", variable("${prefix}_REMOTE_HOST"), variable("${prefix}_REMOTE_PORT"))) |>`,
      '  httr2::req_options(',
      `    connect_to = sprintf("::%s:%s", variable("${prefix}_LOCAL_HOST"), variable("${prefix}_LOCAL_PORT"))${tls}`,
      '  ) |>',
      `  httr2::req_auth_basic(${JSON.stringify(fields.user)}, getPass::getPass()) |>`,
      ...(fields.database
        ? [
            `  httr2::req_url_query(database = ${JSON.stringify(fields.database)}) |>`
          ]
        : []),
      '  httr2::req_body_raw("SELECT version() FORMAT CSVWithNames") |>',
      '  httr2::req_perform()',
      'rows <- read.csv(text = httr2::resp_body_string(answer))'
    ].join('\n')
  };
}

function shell(context: HowToUseContext): HowToUse {
  const { prefix, fields } = context;
  const scheme = isPlain(context) ? 'http' : 'https';
  const database = fields.database
    ? `?database=${encodeURIComponent(String(fields.database))}`
    : '';
  const options = [
    `--connect-to "::$${prefix}_LOCAL_HOST:$${prefix}_LOCAL_PORT"`,
    `--user ${shellWord(String(fields.user))}`,
    ...(isPlain(context) || isChecked(context) ? [] : ['--insecure']),
    "--data-binary 'SELECT version()'"
  ];
  return {
    title: 'Shell',
    language: 'shell',
    code: [
      ...(isChecked(context) ? ['# --cacert ca.pem for a CA of your own'] : []),
      `curl ${options.join(' ')} "${scheme}://$${prefix}_REMOTE_HOST:$${prefix}_REMOTE_PORT/${database}"`
    ].join('\n')
  };
}

function shellWord(word: string): string {
  return /^[\w.@-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`;
}
