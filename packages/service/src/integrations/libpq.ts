import type { HowToUse } from '@underpass/protocol';

import type { Fields, HowToUseContext } from './define.js';

/** Words of libpq's that fields of an integration decide, and the field. The connectors refuse them, too. */
export const libpqDecided: { [word: string]: string } = {
  host: 'host',
  hostaddr: 'host',
  service: 'host',
  servicefile: 'host',
  port: 'port',
  user: 'user',
  dbname: 'database',
  password: 'password',
  passfile: 'password',
  scram_client_key: 'password',
  scram_server_key: 'password',
  sslmode: 'sslMode',
  requiressl: 'sslMode',
  gssencmode: 'sslMode',
  sslsni: 'sslMode',
  sslkeylogfile: 'sslMode',
  sslrootcert: 'caCertificate',
  sslcert: 'clientCertificate',
  sslcertmode: 'clientCertificate',
  sslkey: 'clientKey',
  sslpassword: 'clientKey',
  // Rows are read as UTF-8.
  client_encoding: ''
};

/**
 * A tunnelled database in Python, R and a shell: the forward is dialled, the certificate is checked against the name.
 * @param driver - class of RPostgres
 * @param more - arguments that psycopg needs beyond those of libpq, as Python
 */
export function libpqTexts(
  { prefix, fields }: HowToUseContext,
  driver: string,
  more: { [word: string]: string } = {}
): HowToUse[] {
  const words: [string, string][] = [
    ['user', String(fields.user)],
    ['dbname', String(fields.database)],
    ...tlsWords(fields)
  ];
  const python = [
    `host=os.environ["${prefix}_REMOTE_HOST"]`,
    `hostaddr=os.environ["${prefix}_LOCAL_HOST"]`,
    `port=os.environ["${prefix}_LOCAL_PORT"]`,
    ...words.map(([word, value]) => `${word}=${JSON.stringify(value)}`),
    'password=getpass()',
    ...Object.entries(more).map(([word, value]) => `${word}=${value}`)
  ];
  const r = [
    `RPostgres::${driver}()`,
    `host = Sys.getenv("${prefix}_REMOTE_HOST")`,
    `hostaddr = Sys.getenv("${prefix}_LOCAL_HOST")`,
    `port = Sys.getenv("${prefix}_LOCAL_PORT")`,
    ...words.map(([word, value]) => `${word} = ${JSON.stringify(value)}`),
    'password = getPass::getPass()'
  ];
  const address = [
    `host=$${prefix}_REMOTE_HOST`,
    `hostaddr=$${prefix}_LOCAL_HOST`,
    `port=$${prefix}_LOCAL_PORT`
  ];
  const rest = words.map(([word, value]) => `${word}=${libpqValue(value)}`);
  return [
    {
      title: 'With psycopg',
      language: 'python',
      code: [
        'import os',
        'from getpass import getpass',
        '',
        'import psycopg',
        '',
        'connection = psycopg.connect(',
        ...python.map(argument => `    ${argument},`),
        ')'
      ].join('\n')
    },
    {
      title: 'R',
      language: 'r',
      code: `connection <- DBI::dbConnect(\n  ${r.join(',\n  ')}\n)`
    },
    {
      title: 'Shell',
      language: 'shell',
      code: `psql "${address.join(' ')} "${shellText(rest.join(' '))}`
    }
  ];
}

/** A value as libpq's connection strings have it. */
function libpqValue(value: string): string {
  return /^[\w.@/-]+$/.test(value)
    ? value
    : `'${value.replace(/['\\]/g, '\\$&')}'`;
}

/** Text in which a shell replaces nothing. */
function shellText(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** `ca.crt` and its like are for the person to save: certificates are long. */
function tlsWords(fields: Fields): [string, string][] {
  const modes: { [mode: string]: string } = {
    required: 'require',
    strict: 'verify-full'
  };
  const mode = modes[String(fields.sslMode)];
  const words: [string, string][] = mode ? [['sslmode', mode]] : [];
  if (fields.sslMode === 'strict') {
    words.push(['sslrootcert', fields.caCertificate ? 'ca.crt' : 'system']);
  }
  if (fields.clientCertificate) {
    words.push(['sslcert', 'client.crt'], ['sslkey', 'client.key']);
  }
  return words;
}
