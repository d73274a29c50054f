import { definitionOf } from '../integrations/registry.js';
import { readCertificates } from '../integrations/certificateFile.js';
import type { FromUrl } from '../integrations/define.js';
import { fromParts } from '../integrations/generalUrl.js';
import { libpqDecided } from '../integrations/libpq.js';
import { asFailure } from '../serviceError.js';
import type { FoundEntry } from './entry.js';
import type { PgpassLine } from './pgpass.js';
import type { ServiceEntry } from './serviceFile.js';

/** Reads a file that an entry names, if that is one of this machine; throws what is wrong with it. */
export type ReadNamed = (path: string, secret: boolean) => string | undefined;

/** Words that are read here, and not as options of a URL. */
const ownWords = [
  'host',
  'hostaddr',
  'port',
  'user',
  'password',
  'dbname',
  'passfile'
];

/** Words that name files, our field for their content, and whether that is a secret. */
const fileWords: [word: string, field: string, secret: boolean][] = [
  ['sslrootcert', 'caCertificate', false],
  ['sslcert', 'clientCertificate', false],
  ['sslkey', 'clientKey', true]
];

/** A line of a password file as far as it goes: wildcards are left to the person. */
export function fromPgpass(line: PgpassLine, file: string): FoundEntry {
  const { number, host, port, database, user, password } = line;
  const words = new Map(
    Object.entries({ host, port, user, dbname: database }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined
    )
  );
  const found = fromWords(words, password, undefined);
  const open = [
    ['host', host],
    ['port', port],
    ['database', database],
    ['user', user]
  ].flatMap(([what, value]) => (value === undefined ? [String(what)] : []));
  return {
    id: `pgpass-${number}`,
    name: database ?? host ?? user ?? 'PostgreSQL',
    origin: `${file}, line ${number}`,
    ...found,
    remarks: [
      ...(open.length > 0
        ? [`The line holds for any ${listed(open)}: fill that in.`]
        : []),
      ...(found.remarks ?? [])
    ]
  };
}

/**
 * A service.
 * @param password looks it up where the service has none
 * @param read undefined where the files that it names are those of another machine
 */
export function fromService(
  entry: ServiceEntry,
  file: string,
  password: (words: ReadonlyMap<string, string>) => string | undefined,
  read: ReadNamed | undefined
): FoundEntry {
  const { name, line, words, problems } = entry;
  const found = fromWords(
    words,
    words.get('password') ?? password(words),
    read
  );
  return {
    id: `service-${line}`,
    name,
    origin: `${file}, [${name}]`,
    ...found,
    remarks: [...problems, ...(found.remarks ?? [])]
  };
}

function fromWords(
  words: ReadonlyMap<string, string>,
  password: string | undefined,
  read: ReadNamed | undefined
): Omit<FoundEntry, 'id' | 'name' | 'origin'> {
  const remarks: string[] = [];
  const host = hostOf(words, remarks);
  const port = firstOf(words.get('port'), 'port', remarks);
  const user = words.get('user');
  const database = words.get('dbname');
  const type = /\.redshift(-serverless)?\.amazonaws\.com$/.test(host ?? '')
    ? 'redshift'
    : 'postgresql';
  const definition = definitionOf(type);
  const files = read ? readFiles(words, read, remarks) : undefined;
  const options = [...words].filter(([word]) => {
    if (ownWords.includes(word) || files?.words.includes(word)) {
      return false;
    }
    if (isTls(word) || libpqDecided[word] === undefined) {
      return true;
    }
    remarks.push(`${word} was left out: it is decided here in another way.`);
    return false;
  });
  const said = fromParts(definition, {
    ...(host === undefined ? {} : { host }),
    ...(/^\d+$/.test(port ?? '') ? { port: Number(port) } : {}),
    ...(user ? { user } : {}),
    ...(password ? { password } : {}),
    path: database ?? user ?? '',
    options
  });
  if (!database && user) {
    remarks.push(
      `No database is named: libpq takes that of the user, ${user}.`
    );
  }
  return {
    type,
    fields: { ...said.fields, ...files?.fields },
    secrets: { ...said.secrets, ...files?.secrets },
    remarks: [...remarks, ...(said.remarks ?? [])]
  };
}

/** What `readTls` reads. */
function isTls(word: string): boolean {
  return ['sslmode', 'requiressl', 'sslrootcert', 'sslcert', 'sslkey'].includes(
    word
  );
}

function hostOf(
  words: ReadonlyMap<string, string>,
  remarks: string[]
): string | undefined {
  const address = words.get('hostaddr');
  const host = firstOf(words.get('host') || address, 'host', remarks);
  if (host !== undefined && /^[/@]/.test(host)) {
    remarks.push(
      'It leads to a socket of its own machine: fill in the name of the server.'
    );
    return undefined;
  }
  if (words.get('host') && address) {
    remarks.push(
      'hostaddr was left out: the address is looked up by the name.'
    );
  }
  return host;
}

function firstOf(
  list: string | undefined,
  what: string,
  remarks: string[]
): string | undefined {
  const [first, ...more] = list?.split(',') ?? [];
  if (more.length > 0) {
    remarks.push(`It names several of "${what}": the first was taken.`);
  }
  return first || undefined;
}

/** The certificates and the key that lie on this machine. */
function readFiles(
  words: ReadonlyMap<string, string>,
  read: ReadNamed,
  remarks: string[]
): FromUrl & { words: string[] } {
  const taken: FromUrl & { words: string[] } = {
    fields: {},
    secrets: {},
    words: []
  };
  for (const [word, field, secret] of fileWords) {
    const path = words.get(word);
    if (!path || path === 'system') {
      continue;
    }
    taken.words.push(word);
    try {
      const content = read(path, secret);
      if (content === undefined) {
        remarks.push(`${word} names ${path}, which is not there.`);
      } else if (secret) {
        taken.secrets[field] = content;
      } else {
        const purpose = field === 'caCertificate' ? 'ca' : 'client';
        taken.fields[field] = readCertificates(
          Buffer.from(content),
          purpose
        ).pem;
      }
    } catch (error) {
      remarks.push(`${word}: ${asFailure(error).message}`);
    }
  }
  return taken;
}

function listed(words: string[]): string {
  const last = words.at(-1) ?? '';
  return words.length > 1
    ? `${words.slice(0, -1).join(', ')} and ${last}`
    : last;
}
