import { readFileSync, statSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';

import type { WorkspaceKeyDescription } from '@underpass/protocol';
import { Command } from 'commander';

import { asFailure, fail, systemCode } from '../../serviceError.js';
import { decodeText } from '../../workspace/privateKey/text.js';
import { withExamples } from '../examples.js';
import { askSecret } from '../prompt.js';
import { type Terminal, withService } from '../session.js';
import { describeBastions } from './describe.js';

/** How often a passphrase may be mistyped. */
const mostAttempts = 3;

interface ImportOptions {
  passphraseFile?: string;
}

export function importKey(): Command {
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
            ...describeBastions(key)
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
