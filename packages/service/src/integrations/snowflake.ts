import type { FromUrl, IntegrationDefinition } from './define.js';
import {
  driverOptions,
  optionalText,
  secret,
  secretText,
  text
} from './fields.js';
import { databaseTexts } from './howToUse.js';
import { readUrl } from './urlParts.js';

/** Options of the driver that fields decide, or that would switch TLS off. The connector refuses them, too. */
const decided: { [option: string]: string } = {
  account: 'account',
  user: 'user',
  password: 'password',
  passcode: 'password',
  token: 'token',
  token_file_path: 'token',
  authenticator: 'token',
  session_token: 'token',
  master_token: 'token',
  private_key: 'privateKey',
  private_key_file: 'privateKey',
  private_key_file_pwd: 'privateKeyPassphrase',
  private_key_password: 'privateKeyPassphrase',
  warehouse: 'warehouse',
  role: 'role',
  database: 'database',
  schema: 'schema',
  server_url: 'account',
  connection_name: 'account',
  connections_file_path: 'account',
  config: 'account',
  session_parameters: '',
  protocol: '',
  ssl: '',
  tls_skip_verify: '',
  verify_certificates: '',
  verify_hostname: '',
  insecure_mode: '',
  disable_ocsp_checks: '',
  paramstyle: '',
  autocommit: ''
};

const DOMAIN = '.snowflakecomputing.com';

export const snowflake: IntegrationDefinition = {
  id: 'snowflake',
  label: 'Snowflake',
  kind: 'database',
  ssh: 'none',
  defaultPort: 443,
  tls: 'always',
  shape: {
    account: text(
      'Account',
      `What stands before ${DOMAIN}, such as organization-account`
    ),
    user: text('User'),
    password: secret('Password'),
    privateKey: secretText(
      'Private key',
      'PEM text, for users with a key pair instead of a password'
    ),
    privateKeyPassphrase: secret('Passphrase of the private key'),
    token: secret('Programmatic access token'),
    warehouse: optionalText('Warehouse'),
    role: optionalText('Role'),
    database: optionalText('Database'),
    schema: optionalText('Schema'),
    options: driverOptions(
      'host = account.privatelink.snowflakecomputing.com, or TIMEZONE = UTC (a parameter of the session)',
      decided
    )
  },
  links: [
    {
      label: 'Account identifiers',
      url: 'https://docs.snowflake.com/en/user-guide/admin-account-identifier'
    },
    {
      label: 'Key-pair authentication',
      url: 'https://docs.snowflake.com/en/user-guide/key-pair-auth'
    }
  ],
  urlSchemes: ['snowflake'],
  fromUrl: snowflakeUrl,
  remote: ({ account, options }) => {
    const { host, port } = (options ?? {}) as { [option: string]: string };
    return { host: host ?? `${account}${DOMAIN}`, port: Number(port ?? 443) };
  },
  howToUse: context => [
    ...databaseTexts(context, 'SELECT current_version()', { engine: false }),
    {
      title: 'With snowflake-connector-python',
      language: 'python',
      code: [
        'from getpass import getpass',
        '',
        'import snowflake.connector',
        '',
        'connection = snowflake.connector.connect(',
        ...['account', 'user', 'warehouse', 'role', 'database', 'schema']
          .filter(field => context.fields[field])
          .map(
            field => `    ${field}=${JSON.stringify(context.fields[field])},`
          ),
        '    password=getpass(),',
        ')'
      ].join('\n')
    }
  ]
};

/** `snowflake://user:password@account/database/schema?warehouse=…`, or JDBC's address with `?db=…&schema=…`. */
function snowflakeUrl(url: string): FromUrl {
  const { user, password, host, path, options } = readUrl(url);
  const [database, schema] = path.split('/');
  const fields: { [field: string]: string | undefined } = {
    account: host?.endsWith(DOMAIN) ? host.slice(0, -DOMAIN.length) : host,
    user,
    database,
    schema
  };
  const secrets: FromUrl['secrets'] = password ? { password } : {};
  const remarks: string[] = [];
  for (const [option, value] of options) {
    const name = option.toLowerCase() === 'db' ? 'database' : option;
    if (['user', 'warehouse', 'role', 'database', 'schema'].includes(name)) {
      fields[name] = value;
    } else if (name === 'password') {
      secrets.password = value;
    } else {
      remarks.push(`${option} was left out: Snowflake has no such field.`);
    }
  }
  const given = Object.entries(fields).filter(([, value]) => value);
  return {
    fields: Object.fromEntries(given) as FromUrl['fields'],
    secrets,
    remarks
  };
}
