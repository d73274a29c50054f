import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';

import type { KeyBastion, WorkspaceKeyDescription } from '@underpass/protocol';
import { Command, Option } from 'commander';

import { hostPort } from '../address.js';
import { asFailure, fail, systemCode } from '../serviceError.js';
import { decodeText } from '../workspace/privateKey/text.js';
import { withExamples } from './examples.js';
import { askSecret } from './prompt.js';
import { type Terminal, withService } from './session.js';

/** How often a passphrase may be mistyped. */
const mostAttempts = 3;

export function keyCommand(): Command {
  const command = new Command('key').description(
    'The SSH key of the workspace'
  );
  for (const child of [showKey(), importKey(), exportKey(), rotateKey()]) {
    command.addCommand(child);
  }
  return command;
}

interface ShowOptions {
  bastion?: string;
  format?: 'line' | 'cloud-init' | 'terraform';
}

function showKey(): Command {
  const command = new Command('show')
    .description(
      'Show the public key, and for each bastion the line with the least privileges'
    )
    .option('--bastion <host>', 'only this one; also as user@host or host:port')
    .addOption(
      new Option(
        '--format <format>',
        'print nothing but the lines for authorized_keys, or what sets up a machine with them'
      ).choices(['line', 'cloud-init', 'terraform'])
    )
    .action(
      withService(async ({ client, output }, options: ShowOptions) => {
        const key = await client.request('underpass/key/show', {});
        const bastions = chosen(key.bastions, options.bastion);
        const { format } = options;
        if (format !== undefined && bastions.length === 0) {
          throw fail(
            'invalid-request',
            'request',
            'No integration uses SSH yet: there is nothing to allow.',
            'Add one first: underpass integration add --help'
          );
        }
        output.result({ ...key, bastions }, () =>
          format === undefined
            ? describe({ ...key, bastions })
            : bastions.flatMap(bastion =>
                textOf(bastion, format).trimEnd().split('\n')
              )
        );
      })
    );
  return withExamples(
    command,
    'underpass key show',
    'underpass key show --bastion bastion.example.org --format line',
    'underpass key show --format cloud-init > user-data.yaml',
    'underpass key show --format terraform > underpass.tf'
  );
}

interface ImportOptions {
  passphraseFile?: string;
}

function importKey(): Command {
  const command = new Command('import')
    .argument('<file>', 'the private key; "-" reads it from stdin')
    .description('Use a private key that you have')
    .option(
      '--passphrase-file <file>',
      'where its passphrase stands; else you are asked for it'
    )
    .action(
      withService(
        async (terminal, file: string, { passphraseFile }: ImportOptions) => {
          const privateKey = await readKey(file, terminal);
          const passphrase =
            passphraseFile === undefined
              ? undefined
              : readText(passphraseFile).replace(/\r?\n$/, '');
          const key = await importAsking(terminal, privateKey, passphrase);
          terminal.output.result(key, () => [
            `Imported ${key.fingerprint}. It is kept in the vault, without a passphrase.`,
            ...described(key)
          ]);
        }
      )
    );
  return withExamples(
    command,
    'underpass key import ~/.ssh/id_ed25519',
    'underpass key import key.ppk --passphrase-file passphrase.txt',
    'underpass key import - < key.pem'
  );
}

function exportKey(): Command {
  const command = new Command('export')
    .argument('[file]', 'a new file; it is readable for you alone')
    .description(
      'Write the private key to a file, or to stdout if that is no terminal'
    )
    .option('--stdout', 'to stdout, whatever it is')
    .action(
      withService(
        async (
          { client, output },
          file: string | undefined,
          { stdout = false }: { stdout?: boolean }
        ) => {
          if (file === undefined && !stdout && process.stdout.isTTY) {
            throw fail(
              'invalid-request',
              'request',
              'The private key would be shown in this terminal.',
              'Name a file: underpass key export FILE. Or add --stdout.'
            );
          }
          const key = await client.request('underpass/key/export', {});
          if (file === undefined) {
            output.result(key, () => key.privateKey.trimEnd().split('\n'));
            return;
          }
          writeNew(file, key.privateKey);
          output.result({ file, publicKey: key.publicKey }, () => [
            `Wrote the private key to ${file}.`
          ]);
        }
      )
    );
  return withExamples(
    command,
    'underpass key export underpass.key',
    'underpass key export | ssh-add -'
  );
}

function rotateKey(): Command {
  const command = new Command('rotate')
    .description(
      'Make a new key; the present one is used as the second until all bastions know the new one'
    )
    .option('--finish', 'delete the previous key now')
    .action(
      withService(
        async (
          { client, output },
          { finish = false }: { finish?: boolean }
        ) => {
          const key = await client.request('underpass/key/rotate', { finish });
          output.result(key, () => [
            finish
              ? 'The previous key is deleted.'
              : `The new key is ${key.fingerprint}.`,
            ...described(key)
          ]);
        }
      )
    );
  return withExamples(
    command,
    'underpass key rotate',
    'underpass key show',
    'underpass key rotate --finish'
  );
}

function chosen(
  bastions: readonly KeyBastion[],
  wanted: string | undefined
): KeyBastion[] {
  if (wanted === undefined) {
    return [...bastions];
  }
  const found = bastions.filter(bastion =>
    [bastion.host, hostPort(bastion), nameOf(bastion)]
      .flatMap(name => [name, `${bastion.user}@${name}`])
      .includes(wanted)
  );
  if (found.length === 0) {
    throw fail(
      'invalid-request',
      'request',
      `No integration uses a bastion "${wanted}".`,
      bastions.length > 0
        ? `Name one of ${bastions.map(nameOf).join(', ')}.`
        : 'Add an integration that uses SSH first.'
    );
  }
  return found;
}

function textOf(
  bastion: KeyBastion,
  format: NonNullable<ShowOptions['format']>
): string {
  switch (format) {
    case 'line':
      return bastion.authorizedKeys;
    case 'cloud-init':
      return bastion.cloudInit;
    case 'terraform':
      return bastion.terraform;
  }
}

function nameOf(bastion: KeyBastion): string {
  return `${bastion.user}@${hostPort(bastion)}`;
}

const sources = {
  made: 'made here',
  imported: 'imported',
  file: 'given by UNDERPASS_PRIVATE_KEY_FILE'
};

function describe(key: WorkspaceKeyDescription): string[] {
  const source = [sources[key.source], ...(key.path ? [key.path] : [])];
  return [
    key.publicKey,
    '',
    `Fingerprint: ${key.fingerprint}`,
    `Origin: ${source.join(', ')}`,
    ...described(key)
  ];
}

/** What the bastions have to do with it. */
function described({ bastions, previous }: WorkspaceKeyDescription): string[] {
  return [
    ...(previous
      ? [
          '',
          `The previous key ${previous.fingerprint} is still used where the new one is not known:`,
          ...(previous.bastions.length > 0
            ? previous.bastions.map(
                ({ user, ...address }) => `  ${user}@${hostPort(address)}`
              )
            : ['  no integration uses a bastion now']),
          'It is deleted when the new one has logged in everywhere, or by: underpass key rotate --finish'
        ]
      : []),
    ...bastions.flatMap(bastion => [
      '',
      `${nameOf(bastion)}, for ${bastion.integrations.join(', ')}: ${
        bastion.loggedInAt
          ? `let this key in at ${bastion.loggedInAt}`
          : 'has not let this key in yet'
      }`,
      'In its authorized_keys, allowing these forwards and nothing else:',
      bastion.authorizedKeys
    ])
  ];
}

async function importAsking(
  { client, interactive }: Terminal,
  privateKey: string,
  given: string | undefined
): Promise<WorkspaceKeyDescription> {
  let passphrase = given;
  for (let attempt = 0; ; attempt++) {
    try {
      return await client.request('underpass/key/import', {
        privateKey,
        ...(passphrase === undefined ? {} : { passphrase })
      });
    } catch (error) {
      const { code, detail } = asFailure(error);
      if (
        code !== 'key-passphrase' ||
        given !== undefined ||
        !interactive ||
        attempt === mostAttempts
      ) {
        throw error;
      }
      passphrase = await askSecret(
        detail?.reason === 'wrong' ? 'Wrong. Passphrase:' : 'Passphrase:'
      );
    }
  }
}

async function readKey(file: string, { output }: Terminal): Promise<string> {
  if (file === '-') {
    return decodeText(await buffer(process.stdin));
  }
  const text = readText(file);
  const { mode } = statSync(file);
  if (process.getuid && (mode & 0o077) !== 0) {
    output.remark(
      `Other users can read ${file}; close it to them: chmod 600 ${file}`
    );
  }
  return text;
}

function readText(file: string): string {
  try {
    return decodeText(readFileSync(file));
  } catch (error) {
    throw fail(
      'invalid-request',
      'request',
      `${file} can not be read (${systemCode(error) ?? String(error)}).`,
      'Check the path.'
    );
  }
}

/** Never into a file that is there: it may be open to others, or another key. */
function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw fail(
      'storage-failed',
      'request',
      systemCode(error) === 'EEXIST'
        ? `${file} is there already; nothing was written.`
        : `${file} could not be written (${systemCode(error) ?? String(error)}).`,
      'Name a new file in a folder where you may write.'
    );
  }
}
