import { statSync } from 'node:fs';
import { join } from 'node:path';

import { asFailure } from '../../serviceError.js';
import {
  type Keyring,
  keyringFailure,
  machineDeadline,
  personDeadline
} from './keyring.js';
import { type MasterKeys, readKeys, writeKeys } from './masterKeys.js';
import { findTool, runTool, type ToolResult } from './systemTool.js';

const places = [
  '/usr/bin/secret-tool',
  '/bin/secret-tool',
  '/usr/local/bin/secret-tool',
  '/run/current-system/sw/bin/secret-tool'
];

/** Linux: GNOME Keyring, KWallet or another one behind the Secret Service interface, by libsecret's `secret-tool`. */
export class SecretService implements Keyring {
  readonly name = 'the keyring of your desktop session (Secret Service)';
  private readonly attributes: string[];

  /** @param workspace tells the keys of two workspaces apart; every program of the user can read it */
  constructor(
    private readonly workspace: string,
    private readonly deadlines = {
      person: personDeadline,
      machine: machineDeadline
    }
  ) {
    this.attributes = ['application', 'underpass', 'workspace', workspace];
  }

  async obstacle(): Promise<string | undefined> {
    try {
      await this.search();
      return undefined;
    } catch (error) {
      return asFailure(error).message;
    }
  }

  async read(): Promise<MasterKeys | undefined> {
    const item = await this.search();
    if (item === 'none') {
      return undefined;
    }
    const { text } =
      item === 'locked' ? { text: await this.lookUp() } : { text: item.text };
    return readKeys(text);
  }

  async write(keys: MasterKeys): Promise<void> {
    // Where there is no keyring at all, that is what is said.
    await this.search();
    const { exitCode, complaint } = await this.run({
      args: [
        'store',
        `--label=Underpass: master key of ${this.workspace}`,
        ...this.attributes
      ],
      input: writeKeys(keys, ' '),
      deadline: this.deadlines.person
    });
    if (exitCode !== 0) {
      throw refused(complaint);
    }
  }

  async remove(): Promise<void> {
    const { exitCode, complaint } = await this.run({
      args: ['clear', ...this.attributes],
      deadline: this.deadlines.person
    });
    // Ends with 1 where there is nothing to remove, too, but then says nothing.
    if (
      exitCode !== 0 &&
      (complaint !== '' || (await this.search()) !== 'none')
    ) {
      throw refused(complaint);
    }
  }

  /** Unlike a look-up this asks nobody, and tells a locked item from none. */
  private async search(): Promise<'none' | 'locked' | { text: string }> {
    const { exitCode, output, complaint } = await this.run({
      args: ['search', ...this.attributes],
      deadline: this.deadlines.machine
    });
    const text = /^secret = (.*)$/m.exec(output)?.[1];
    if (text !== undefined) {
      return { text };
    }
    // An item has its path in brackets above it.
    if (output.startsWith('[')) {
      return 'locked';
    }
    if (exitCode !== 0) {
      throw keyringFailure(
        'keyring-unavailable',
        `No keyring answers on the session bus: ${complaint || 'no reason given'}.`
      );
    }
    return 'none';
  }

  /** Asks the user to unlock it, where there is a screen to ask on. */
  private async lookUp(): Promise<string> {
    const { exitCode, output } = await this.run({
      args: ['lookup', ...this.attributes],
      deadline: this.deadlines.person
    });
    if (exitCode !== 0) {
      throw keyringFailure(
        'keyring-locked',
        'The keyring is locked, and was not unlocked.'
      );
    }
    return output;
  }

  private async run(run: {
    args: string[];
    input?: string;
    deadline: number;
  }): Promise<ToolResult> {
    const program = findTool(places);
    if (!program) {
      throw keyringFailure(
        'keyring-unavailable',
        'The program secret-tool is not installed (Debian and Ubuntu: libsecret-tools; Fedora and Arch: libsecret).'
      );
    }
    return runTool(program, { ...run, environment: sessionBus() });
  }
}

/** A service that was started outside of the desktop session, by cron or over SSH, finds its bus all the same. */
function sessionBus(): NodeJS.ProcessEnv {
  const { DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR } = process.env;
  if (DBUS_SESSION_BUS_ADDRESS || XDG_RUNTIME_DIR) {
    return {};
  }
  const folder = `/run/user/${process.getuid?.()}`;
  try {
    return statSync(join(folder, 'bus')).uid === process.getuid?.()
      ? { XDG_RUNTIME_DIR: folder }
      : {};
  } catch {
    return {};
  }
}

function refused(complaint: string): Error {
  return keyringFailure(
    'keyring-refused',
    `The keyring did not do it: ${complaint || 'no reason given'}.`
  );
}
