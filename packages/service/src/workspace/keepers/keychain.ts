import {
  type Keyring,
  keyringFailure,
  machineDeadline,
  personDeadline
} from './keyring.js';
import { type MasterKeys, readKeys, writeKeys } from './masterKeys.js';
import { findTool, runTool, type ToolResult } from './systemTool.js';

const service = 'org.underpass.master-key';

/** Exit codes of `security`: the low byte of the Security framework's. */
const itemNotFound = 44;
const interactionNotAllowed = 36;
const userCanceled = 128;

/**
 * macOS: the login keychain, by `security`. Its `-w` and `-p` would show a secret in the process list; as an
 * interpreter of lines (`-i`) it reads the same command from standard input.
 *
 * The tests run this against a program that stands in for `security`; nobody has run it on a Mac yet.
 */
export class Keychain implements Keyring {
  readonly name = 'the login keychain of macOS';

  /** @param workspace tells the keys of two workspaces apart; without blanks and quotes */
  constructor(
    private readonly workspace: string,
    private readonly places: readonly string[] = ['/usr/bin/security']
  ) {}

  async obstacle(): Promise<string | undefined> {
    return findTool(this.places)
      ? undefined
      : 'The program /usr/bin/security is missing.';
  }

  async read(): Promise<MasterKeys | undefined> {
    const found = await this.run({
      args: ['find-generic-password', ...this.item(), '-w'],
      deadline: personDeadline
    });
    if (found.exitCode === itemNotFound) {
      return undefined;
    }
    if (found.exitCode !== 0) {
      throw refusal(found);
    }
    return readKeys(fromHex(found.output));
  }

  async write(keys: MasterKeys): Promise<void> {
    const words = ['add-generic-password', '-U', ...this.item(), '-w'];
    const result = await this.run({
      args: ['-i'],
      input: `${words.join(' ')} ${toHex(writeKeys(keys, ' '))}\n`,
      deadline: personDeadline
    });
    if (result.exitCode !== 0) {
      throw refusal(result);
    }
  }

  async remove(): Promise<void> {
    const result = await this.run({
      args: ['delete-generic-password', ...this.item()],
      deadline: machineDeadline
    });
    if (result.exitCode !== 0 && result.exitCode !== itemNotFound) {
      throw refusal(result);
    }
  }

  private item(): string[] {
    return ['-s', service, '-a', this.workspace];
  }

  private async run(run: {
    args: string[];
    input?: string;
    deadline: number;
  }): Promise<ToolResult> {
    const program = findTool(this.places);
    if (!program) {
      throw keyringFailure(
        'keyring-unavailable',
        'The program /usr/bin/security is missing.'
      );
    }
    return runTool(program, run);
  }
}

/** Hexadecimal digits need no quotes, whatever the rules of `security -i` are. */
function toHex(text: string): string {
  return Buffer.from(text).toString('hex');
}

function fromHex(text: string): string {
  return Buffer.from(text.trim(), 'hex').toString();
}

function refusal({ exitCode, complaint }: ToolResult): Error {
  return exitCode === interactionNotAllowed || exitCode === userCanceled
    ? keyringFailure(
        'keyring-locked',
        'The keychain is locked, and was not unlocked.'
      )
    : keyringFailure(
        'keyring-refused',
        `The keychain did not do it (${exitCode}): ${complaint || 'no reason given'}.`
      );
}
