import type { HowToUse } from '@underpass/protocol';

import type {
  FromUrl,
  HowToUseContext,
  IntegrationDefinition
} from './define.js';
import {
  advanced,
  caCertificate,
  choice,
  clientCertificate,
  clientKey,
  driverOptions,
  host,
  offeredSsh,
  optionalText,
  port,
  secret,
  tlsMode
} from './fields.js';
import { databaseTexts } from './howToUse.js';
import {
  firstMember,
  mongodbDecided,
  mongodbPort,
  readMongodbUrl,
  seedsOf
} from './mongodbUrl.js';

export const mongodb: IntegrationDefinition = {
  id: 'mongodb',
  label: 'MongoDB',
  kind: 'database',
  ssh: 'offered',
  defaultPort: mongodbPort,
  tls: { modes: ['preferred', 'required', 'strict'], default: 'preferred' },
  shape: {
    host: host('Host', 'As the bastion knows it, where one is used').optional(),
    port: port('Port', mongodbPort),
    connectionString: optionalText(
      'Connection string',
      'Instead of host and port: mongodb://host1:27017,host2:27017 or mongodb+srv://name. User, password and options in it go to their own fields.'
    ),
    user: optionalText('User'),
    password: secret('Password'),
    database: optionalText('Database', 'What db means in a cell; else test'),
    authSource: optionalText(
      'Authentication database',
      'authSource: where the user is defined; else the database, or admin'
    ),
    authMechanism: advanced(
      choice('Login', {
        DEFAULT: 'User and password',
        'SCRAM-SHA-256': 'SCRAM-SHA-256',
        'SCRAM-SHA-1': 'SCRAM-SHA-1',
        'MONGODB-X509': 'Client certificate (MONGODB-X509)',
        PLAIN: 'LDAP (PLAIN)'
      })
    ),
    replicaSet: optionalText(
      'Replica set',
      'Its name: all members are found then, each gets a forward of its own. Empty: this one server'
    ),
    sslMode: tlsMode(),
    caCertificate: caCertificate(),
    clientCertificate: clientCertificate(),
    clientKey: clientKey(),
    dnsServer: advanced(
      optionalText(
        'DNS server for mongodb+srv',
        'Host or host:port that knows the name (asked by TCP, through the bastion where one is used); empty: this machine’s'
      )
    ),
    options: driverOptions(
      'readPreference = secondaryPreferred, or appName = report',
      mongodbDecided
    ),
    ...offeredSsh
  },
  links: [
    {
      label: 'Connection strings of MongoDB',
      url: 'https://www.mongodb.com/docs/manual/reference/connection-string/'
    }
  ],
  keywords: ['mongo', 'atlas', 'documentdb', 'nosql'],
  urlSchemes: ['mongodb', 'mongodb+srv'],
  fromUrl: readMongodbUrl,
  prepare: prepared,
  wrong: fields =>
    fields.host === undefined && fields.connectionString === undefined
      ? { field: 'host', reason: 'is required, or a connection string' }
      : undefined,
  peers: true,
  seeds: fields =>
    fields.connectionString === undefined
      ? [{ host: String(fields.host), port: Number(fields.port) }]
      : seedsOf(String(fields.connectionString)),
  remote: fields => {
    const [first] =
      fields.connectionString === undefined
        ? []
        : seedsOf(String(fields.connectionString));
    return first ?? { host: String(fields.host), port: Number(fields.port) };
  },
  probe: async fields =>
    (await firstMember(
      String(fields.connectionString ?? ''),
      fields.dnsServer === undefined ? undefined : String(fields.dnsServer)
    )) ?? mongodb.remote(fields),
  howToUse: context => [
    ...databaseTexts(
      context,
      'db.orders.find({status: "new"}).sort({date: -1})',
      { engine: false }
    ),
    ...(context.fields.sshEnabled === true ? throughTunnel(context) : [])
  ]
};

/** A connection string is never kept with a password in it: what it says goes to the fields that are for it. */
function prepared({ fields, secrets }: FromUrl): FromUrl {
  const { connectionString, ...others } = fields;
  if (typeof connectionString !== 'string' || connectionString.trim() === '') {
    return { fields, secrets };
  }
  const read = readMongodbUrl(connectionString);
  const { sslMode, options, ...said } = read.fields;
  // mongodb+srv alone does not overrule the mode that was chosen in the form.
  const tlsSaid = /[?&](tls|ssl)\w*=/i.test(connectionString);
  return {
    fields: {
      ...others,
      ...(said.host === undefined ? { host: null } : {}),
      ...said,
      ...(sslMode !== undefined && tlsSaid ? { sslMode } : {}),
      ...(options === undefined
        ? {}
        : {
            options: { ...(others.options as object), ...(options as object) }
          })
    },
    secrets: { ...secrets, ...read.secrets }
  };
}

function throughTunnel({ prefix, fields }: HowToUseContext): HowToUse[] {
  const user = typeof fields.user === 'string' ? fields.user : undefined;
  const database = String(fields.database ?? 'test');
  const authSource = String(fields.authSource ?? fields.database ?? 'admin');
  return [
    {
      title: 'With PyMongo',
      language: 'python',
      code: [
        'import os',
        ...(user ? ['from getpass import getpass'] : []),
        '',
        'from pymongo import MongoClient',
        '',
        'client = MongoClient(',
        `    os.environ["${prefix}_LOCAL_HOST"],`,
        `    int(os.environ["${prefix}_LOCAL_PORT"]),`,
        '    directConnection=True,',
        ...(user
          ? [
              `    username=${JSON.stringify(user)},`,
              '    password=getpass(),',
              `    authSource=${JSON.stringify(authSource)},`
            ]
          : []),
        ...tlsInPython(fields.sslMode),
        ')',
        `db = client[${JSON.stringify(database)}]`
      ].join('\n')
    },
    {
      title: 'Shell',
      language: 'shell',
      code: [
        `mongosh "mongodb://$${prefix}_LOCAL_HOST:$${prefix}_LOCAL_PORT/${encodeURIComponent(database)}?directConnection=true"`,
        ...(user
          ? [
              `--username ${shellWord(user)} --authenticationDatabase ${shellWord(authSource)}`
            ]
          : []),
        ...tlsInShell(fields.sslMode)
      ].join(' \\\n  ')
    }
  ];
}

/** PyMongo and mongosh have no option for the server's name: behind a tunnel only the authority can be checked. */
function tlsInPython(mode: unknown): string[] {
  return mode === 'strict'
    ? [
        '    tls=True,',
        '    tlsCAFile="ca.pem",',
        '    tlsAllowInvalidHostnames=True,  # the name is the tunnel’s here; SQL cells check the server’s own'
      ]
    : mode === 'required'
      ? ['    tls=True,', '    tlsAllowInvalidCertificates=True,']
      : [];
}

function tlsInShell(mode: unknown): string[] {
  return mode === 'strict'
    ? ['--tls --tlsCAFile ca.pem --tlsAllowInvalidHostnames']
    : mode === 'required'
      ? ['--tls --tlsAllowInvalidCertificates']
      : [];
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
