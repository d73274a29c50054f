import type { FailureCode, Json } from '@underpass/protocol';

import { fail } from '../../serviceError.js';
import type { MasterKeys } from './masterKeys.js';

/** The operating system's own store of secrets. Reading and writing may ask the user to unlock it. */
export interface Keyring {
  /** For people: what it is called on this system. */
  readonly name: string;
  /** Why it can not be used here, as a sentence; undefined when it can. Asks nobody and does not take long. */
  obstacle(): Promise<string | undefined>;
  /**
   * @returns undefined where it has no key of this workspace
   * @throws ServiceError `keyring-unavailable`, `keyring-locked`, `keyring-refused`, `keyring-timed-out`
   */
  read(): Promise<MasterKeys | undefined>;
  /** Replaces what it had. */
  write(keys: MasterKeys): Promise<void>;
  remove(): Promise<void>;
}

/** Milliseconds in which a person can be expected to type a password. */
export const personDeadline = 60_000;
/** Milliseconds for what asks nobody. */
export const machineDeadline = 5_000;

const toTheFile =
  'keep the master key in a file again: underpass vault keep file --lost (its secrets have to be entered again then)';

const fixes = {
  'keyring-unavailable': `Start the keyring and the session bus and run it again, or ${toTheFile}`,
  'keyring-locked': 'Unlock the keyring, then run it again.',
  'keyring-refused': 'Unlock the keyring, or look into its own log.',
  'keyring-timed-out':
    'Answer the question that the keyring shows on the screen of this machine, or restart it, then run it again.',
  'keyring-key-missing': `Use it on the machine and as the user where the key was put into the keyring, or ${toTheFile}`
} satisfies Partial<Record<FailureCode, string>>;

export function keyringFailure(
  code: keyof typeof fixes,
  message: string,
  detail?: { [key: string]: Json }
): Error {
  return fail(code, 'request', message, fixes[code], detail);
}
