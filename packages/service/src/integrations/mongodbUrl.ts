import { resolveSrv } from 'node:dns/promises';

import type { TlsMode } from '@underpass/protocol';

import { type HostAndPort, hostPort, parseHostPort } from '../address.js';
import { fail } from '../serviceError.js';
import type { FromUrl } from './define.js';

export const mongodbPort = 27017;

/** Words of the driver's that fields or this project's promises decide, and the field. */
export const mongodbDecided: { [option: string]: string } = {
  host: 'host',
  port: 'port',
  username: 'user',
  password: 'password',
  authsource: 'authSource',
  authmechanism: 'authMechanism',
  replicaset: 'replicaSet',
  directconnection: 'replicaSet',
  tls: 'sslMode',
  ssl: 'sslMode',
  tlsinsecure: 'sslMode',
  tlsallowinvalidcertificates: 'sslMode',
  tlsallowinvalidhostnames: 'sslMode',
  tlsdisableocspendpointcheck: 'sslMode',
  tlscafile: 'caCertificate',
  tlscrlfile: 'caCertificate',
  tlscertificatekeyfile: 'clientCertificate',
  tlscertificatekeyfilepassword: 'clientKey',
  // Nothing is ever sent twice.
  retryreads: '',
  retrywrites: '',
  // How values are read.
  uuidrepresentation: '',
  tz_aware: '',
  tzinfo: '',
  document_class: '',
  datetime_conversion: '',
  unicode_decode_error_handler: '',
  type_registry: '',
  connect: '',
  event_listeners: '',
  auto_encryption_opts: '',
  server_selector: '',
  driver: '',
  server_api: '',
  srv_host_validator: ''
};

const fieldsOfOptions: { [option: string]: string } = {
  authsource: 'authSource',
  authmechanism: 'authMechanism',
  replicaset: 'replicaSet'
};

interface MongodbUrl {
  scheme: 'mongodb' | 'mongodb+srv';
  user?: string;
  password?: string;
  hosts: string[];
  database?: string;
  options: [name: string, value: string][];
}

/**
 * Read `mongodb://user:password@host1:27017,host2:27017/database?option=value` or `mongodb+srv://…`: what the form has
 * fields for goes there, so that the field `connectionString` keeps several hosts or a name in the DNS, and no secret.
 * @throws ServiceError `invalid-field`, without a word of the URL
 */
export function readMongodbUrl(text: string): Required<FromUrl> {
  const url = parse(text);
  const read: Required<FromUrl> = { fields: {}, secrets: {}, remarks: [] };
  const { fields, secrets, remarks } = read;
  const [first] = url.hosts;
  const only = url.hosts.length === 1 ? seed(first ?? '') : undefined;
  if (url.scheme === 'mongodb' && only) {
    fields.host = only.host;
    fields.port = only.port;
  } else {
    fields.connectionString = `${url.scheme}://${url.hosts.join(',')}`;
  }
  if (url.user) {
    fields.user = url.user;
  }
  if (url.password) {
    secrets.password = url.password;
  }
  if (url.database) {
    fields.database = url.database;
  }
  const more: { [name: string]: string } = {};
  for (const [name, value] of url.options) {
    const key = name.toLowerCase();
    // Objects have names of their own, such as constructor.
    const field = Object.hasOwn(fieldsOfOptions, key)
      ? fieldsOfOptions[key]
      : undefined;
    if (field) {
      fields[field] = value;
    } else if (key === 'retryreads' || key === 'retrywrites') {
      remarks.push(`${name} was left out: nothing is ever sent twice.`);
    } else if (key === 'directconnection') {
      if (value === 'false' && only && !fields.replicaSet) {
        remarks.push(
          `${name} was left out: name the replica set to have its members found.`
        );
      }
    } else if (/file/i.test(name) && mongodbDecided[key]) {
      remarks.push(
        `${name} names a file: paste its content into the form (${mongodbDecided[key]}).`
      );
    } else if (mongodbDecided[key] === 'sslMode') {
      // Below, all together.
    } else if (/token|secret|password/i.test(`${name} ${value}`)) {
      remarks.push(`${name} was left out: it may hold a secret.`);
    } else {
      more[name] = value;
    }
  }
  const mode = tlsOf(url, remarks);
  if (mode) {
    fields.sslMode = mode;
  }
  if (Object.keys(more).length > 0) {
    fields.options = more;
  }
  return read;
}

/** The hosts that a connection string without anything else names; none behind `mongodb+srv`. */
export function seedsOf(connectionString: string): HostAndPort[] {
  const { scheme, hosts } = parse(connectionString);
  return hosts
    .map(scheme === 'mongodb' ? seed : host => ({ host, port: mongodbPort }))
    .filter(address => address !== undefined);
}

/**
 * Somebody to dial behind `mongodb+srv`: a member that this machine's DNS names, or the DNS server that knows them.
 * @returns undefined for other connection strings
 * @throws ServiceError `name-not-found`
 */
export async function firstMember(
  connectionString: string,
  dnsServer?: string
): Promise<HostAndPort | undefined> {
  const name = /^mongodb\+srv:\/\/(.+)$/i.exec(connectionString)?.[1];
  if (name === undefined) {
    return undefined;
  }
  if (dnsServer !== undefined) {
    return parseHostPort(dnsServer, 53);
  }
  const records = await resolveSrv(`_mongodb._tcp.${name}`).catch(() => []);
  const [first] = records;
  if (!first) {
    throw fail(
      'name-not-found',
      'resolve',
      `The DNS does not say which servers are behind ${name}.`,
      'Check the name. If only the private network knows it, fill in its DNS server.'
    );
  }
  return { host: first.name, port: first.port };
}

/** In such URLs TLS means a verified certificate; `mongodb+srv` means TLS. */
function tlsOf(url: MongodbUrl, remarks: string[]): TlsMode | undefined {
  const option = (name: string) =>
    url.options.find(([known]) => known.toLowerCase() === name)?.[1];
  const switched = option('tls') ?? option('ssl');
  if (switched === 'false') {
    remarks.push(
      'TLS is switched off there, which is none of the modes here: it is set to preferred.'
    );
    return 'preferred';
  }
  const unchecked = [
    'tlsinsecure',
    'tlsallowinvalidcertificates',
    'tlsallowinvalidhostnames'
  ].some(name => option(name) === 'true');
  if (unchecked) {
    return 'required';
  }
  return switched === 'true' || url.scheme === 'mongodb+srv'
    ? 'strict'
    : undefined;
}

function seed(text: string): HostAndPort | undefined {
  return parseHostPort(text, mongodbPort);
}

function parse(text: string): MongodbUrl {
  const match =
    /^(mongodb(?:\+srv)?):\/\/(?:([^/?#]*)@)?([^/?#@]+)(?:\/([^?#@]*))?(?:\?([^#@]*))?$/i.exec(
      text.trim()
    );
  if (!match) {
    throw unreadable(
      'can not be read as a connection string.',
      'Write mongodb://user:password@host:port/database, with each of @ : / ? # % in a password or name as %40 %3A %2F %3F %23 %25.'
    );
  }
  const [, scheme = '', login, authority = '', path, query] = match;
  const hosts = authority.split(',');
  const srv = scheme.toLowerCase() === 'mongodb+srv';
  if (srv ? !/^[\p{L}\p{N}._-]+$/u.test(authority) : !hosts.every(seed)) {
    throw unreadable(
      srv
        ? 'must have one name behind mongodb+srv://, without a port.'
        : 'has a host that can not be read.',
      'Write mongodb+srv://name or mongodb://host1:port,host2:port.'
    );
  }
  const [user, ...rest] = login?.split(':') ?? [];
  return {
    scheme: srv ? 'mongodb+srv' : 'mongodb',
    ...(user ? { user: decode(user) } : {}),
    ...(rest.length > 0 ? { password: decode(rest.join(':')) } : {}),
    hosts: srv
      ? hosts
      : hosts.map(host => hostPort(seed(host) ?? { host, port: mongodbPort })),
    ...(path ? { database: decode(path) } : {}),
    options: [...new URLSearchParams(query?.replaceAll('+', '%2B'))]
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw unreadable(
      'has a % that is not followed by two hexadecimal digits.',
      'Write a % as %25.'
    );
  }
}

function unreadable(reason: string, fix: string): Error {
  return fail(
    'invalid-field',
    'request',
    `The connection string ${reason}`,
    fix,
    { field: 'connectionString' }
  );
}
