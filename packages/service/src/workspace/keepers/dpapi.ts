import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { systemCode } from '../../serviceError.js';
import { writePrivately } from '../document.js';
import { type Keyring, keyringFailure, machineDeadline } from './keyring.js';
import { type MasterKeys, readKeys, writeKeys } from './masterKeys.js';
import { findTool, runTool } from './systemTool.js';

/** PowerShell takes seconds to start on a busy machine. */
const deadline = 4 * machineDeadline;

/**
 * Windows: the key encrypted for this user and this machine by the data protection API, in a file beside the vault.
 * Windows PowerShell reads one line of base64 from standard input and writes one.
 *
 * The tests run this against a program that stands in for PowerShell; nobody has run it on Windows yet.
 */
export class Dpapi implements Keyring {
  readonly name = 'the data protection of Windows';

  /** @param path of the encrypted key */
  constructor(
    private readonly path: string,
    private readonly places: readonly string[] = [
      join(
        process.env.SystemRoot ?? 'C:\\Windows',
        'System32\\WindowsPowerShell\\v1.0\\powershell.exe'
      )
    ]
  ) {}

  async obstacle(): Promise<string | undefined> {
    return findTool(this.places) ? undefined : missing;
  }

  async read(): Promise<MasterKeys | undefined> {
    let blob: string;
    try {
      blob = readFileSync(this.path, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') {
        return undefined;
      }
      throw keyringFailure(
        'keyring-unavailable',
        `${this.path} can not be read (${systemCode(error)}).`
      );
    }
    const text = await this.convert('Unprotect', blob);
    return readKeys(Buffer.from(text, 'base64').toString());
  }

  async write(keys: MasterKeys): Promise<void> {
    const text = Buffer.from(writeKeys(keys, ' ')).toString('base64');
    writePrivately(this.path, await this.convert('Protect', text));
  }

  async remove(): Promise<void> {
    rmSync(this.path, { force: true });
  }

  /** @param text base64, as is what it returns */
  private async convert(
    how: 'Protect' | 'Unprotect',
    text: string
  ): Promise<string> {
    const program = findTool(this.places);
    if (!program) {
      throw keyringFailure('keyring-unavailable', missing);
    }
    const { exitCode, output, complaint } = await runTool(program, {
      args: ['-NoProfile', '-NonInteractive', '-Command', script(how)],
      input: `${text.trim()}\n`,
      deadline
    });
    if (exitCode !== 0 || output.trim() === '') {
      throw keyringFailure(
        'keyring-refused',
        `Windows did not ${how === 'Protect' ? 'encrypt' : 'decrypt'} the key: ${complaint || 'no reason given'}.`
      );
    }
    return output.trim();
  }
}

const missing = 'Windows PowerShell is missing.';

function script(how: 'Protect' | 'Unprotect'): string {
  return [
    "$ErrorActionPreference = 'Stop'",
    'Add-Type -AssemblyName System.Security',
    '$given = [Convert]::FromBase64String([Console]::In.ReadLine())',
    `$made = [Security.Cryptography.ProtectedData]::${how}($given, $null, 'CurrentUser')`,
    '[Console]::Out.WriteLine([Convert]::ToBase64String($made))'
  ].join('; ');
}
