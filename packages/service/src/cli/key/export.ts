import { writeFileSync } from 'node:fs';

import { Command } from 'commander';

import { fail, systemCode } from '../../serviceError.js';
import { withExamples } from '../examples.js';
import { withService } from '../session.js';

export function exportKey(): Command {
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
