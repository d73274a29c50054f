import type { TlsMode } from '@underpass/protocol';

import { fail } from '../serviceError.js';
import type { FromUrl } from './define.js';
import { readUrl } from './urlParts.js';

type Option = readonly [name: string, value: string];

/** What properties are called in JDBC, Go, SQLAlchemy and ODBC, and our field. */
const fieldsOf: { [name: string]: string } = {
  servername: 'host',
  server: 'host',
  portnumber: 'port',
  port: 'port',
  databasename: 'database',
  database: 'database',
  user: 'user',
  username: 'user',
  'user id': 'user',
  uid: 'user',
  password: 'password',
  pwd: 'password'
};

/** Properties that ODBC has, too: our options of the driver. */
const optionsOf: { [name: string]: string } = {
  applicationintent: 'ApplicationIntent',
  multisubnetfailover: 'MultiSubnetFailover',
  packetsize: 'PacketSize',
  ipaddresspreference: 'IpAddressPreference'
};

/** Said by the integration in another way, or by nobody. */
const needless = new Set([
  'driver',
  'app',
  'app name',
  'applicationname',
  'connectretrycount',
  'connectretryinterval'
]);

/**
 * Read `sqlserver://host\instance:port;property=value` (JDBC), or `mssql://user:password@host:port/database?option=value`.
 * @throws ServiceError `invalid-field`, without anything secret
 */
export function sqlserverUrl(url: string): FromUrl {
  const jdbc = /^[a-z][a-z0-9+.-]*:\/\/([^/?#;@]*)(?:;(.*))?$/is.exec(url);
  const options = jdbc ? properties(jdbc) : parts(url);
  const fields: FromUrl['fields'] = {};
  const secrets: FromUrl['secrets'] = {};
  const remarks: string[] = [];
  const more: { [name: string]: string } = {};
  const tls = new Map<string, string>();
  for (const [name, value] of options) {
    const key = name.toLowerCase();
    const field = fieldsOf[key];
    const option = optionsOf[key];
    if (['encrypt', 'trustservercertificate'].includes(key)) {
      tls.set(key, value.toLowerCase());
    } else if (field === 'password') {
      secrets.password = value;
    } else if (field === 'port') {
      fields.port = /^\d+$/.test(value) ? Number(value) : value;
    } else if (field) {
      fields[field] = value;
    } else if (option) {
      more[option] = value;
    } else if (key === 'instancename') {
      remarks.push(
        `The instance ${value} is not looked up: the port must be its own.`
      );
    } else if (!needless.has(key)) {
      // Its value may be anything.
      remarks.push(`${name} was left out: the driver has no such option.`);
    }
  }
  const mode = tlsOf(tls);
  if (mode) {
    fields.sslMode = mode;
  }
  if (mode === 'preferred') {
    remarks.push(
      `encrypt=${tls.get('encrypt')} protects the login alone, which is none of the modes here: TLS is set to preferred.`
    );
  }
  if (Object.keys(more).length > 0) {
    fields.options = more;
  }
  return { fields, secrets, remarks };
}

/** What the drivers make of it: encryption checks the certificate, unless it is told to trust it. */
function tlsOf(options: ReadonlyMap<string, string>): TlsMode | undefined {
  const encrypt = options.get('encrypt');
  if (encrypt === undefined) {
    return undefined;
  }
  if (['false', 'no', 'optional', 'disable', '0'].includes(encrypt)) {
    return 'preferred';
  }
  const trusted = options.get('trustservercertificate') ?? 'false';
  return encrypt !== 'strict' && ['true', 'yes', '1'].includes(trusted)
    ? 'required'
    : 'strict';
}

function parts(url: string): Option[] {
  const { host, port, user, password, path, options } = readUrl(url);
  const given: [string, string | undefined][] = [
    ['host', host],
    ['port', port?.toString()],
    ['user', user],
    ['password', password],
    // Where Go has the instance.
    ['database', path || undefined]
  ];
  return [
    ...given.flatMap(([name, value]): Option[] =>
      value === undefined ? [] : [[name === 'host' ? 'server' : name, value]]
    ),
    ...options
  ];
}

/** Values are as they stand; in braces where they have a semicolon. */
function properties([, server = '', list = '']: RegExpExecArray): Option[] {
  const address =
    /^(?<host>\[[^\]]*\]|[^\\:]*)(?:\\(?<instance>[^:]*))?(?::(?<port>\d+))?$/.exec(
      server
    )?.groups;
  if (!address) {
    throw unreadable();
  }
  const found: Option[] = [];
  const { host, instance, port } = address;
  for (const [name, value] of [
    ['server', host?.replace(/^\[|\]$/g, '')],
    ['instanceName', instance],
    ['port', port]
  ] as const) {
    if (value) {
      found.push([name, value]);
    }
  }
  const property = /([^=;]+)=\s*(?:\{((?:[^}]|\}\})*)\}|([^;]*))\s*(?:;|$)/y;
  while (property.lastIndex < list.length) {
    const at = property.lastIndex;
    const match = property.exec(list);
    if (!match) {
      if (/^[\s;]*$/.test(list.slice(at))) {
        break;
      }
      throw unreadable();
    }
    found.push([
      match[1]?.trim() ?? '',
      match[2]?.replace(/\}\}/g, '}') ?? match[3]?.trim() ?? ''
    ]);
  }
  return found;
}

function unreadable(): Error {
  return fail(
    'invalid-field',
    'request',
    'The sqlserver URL can not be read.',
    'Write sqlserver://host:port;databaseName=name;user=name;password=word, with values that have a ; in {braces}.',
    { field: 'url' }
  );
}
