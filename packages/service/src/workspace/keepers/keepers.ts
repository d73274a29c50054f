import { hostname } from 'node:os';
import { join } from 'node:path';

import { fail } from '../../serviceError.js';
import { withLock } from '../fileLock.js';
import type { KeeperKind, VaultContent } from '../vaultFormat.js';
import { KeyFile } from './keyFile.js';
import { type Keyring, keyringFailure } from './keyring.js';
import { type MasterKeys, newMasterKey } from './masterKeys.js';

/** What the vault says of its master key. */
type Kept = Pick<VaultContent, 'keeper' | 'keptOn'>;

/** The file and the keyring, and the key that one of them has. */
export class Keepers {
  private readonly file: KeyFile;
  /** What the keyring gave, once per run of the service: it may ask the user each time. */
  private fromKeyring: MasterKeys | undefined;

  constructor(
    home: string,
    private readonly keyring: Keyring
  ) {
    this.file = new KeyFile(join(home, 'master.key'));
  }

  get remarks(): readonly string[] {
    return this.file.remarks;
  }

  /** Whether the key can be had now, without asking anybody. */
  hasAtHand({ keeper }: Kept): boolean {
    return keeper === 'file' || this.fromKeyring !== undefined;
  }

  /** Fetch it from the keyring. @throws ServiceError `keyring-…` */
  async fetch(kept: Kept): Promise<void> {
    const keys = await this.keyring.read();
    if (!keys) {
      throw this.missing(kept);
    }
    this.fromKeyring = keys;
  }

  /** From now on this is what the keyring has. */
  remember(keys: MasterKeys | undefined): void {
    this.fromKeyring = keys;
  }

  /** @returns undefined where there is no key, or none any more */
  keys({ keeper }: Kept): MasterKeys | undefined {
    if (keeper === 'file') {
      return this.file.read();
    }
    if (!this.fromKeyring) {
      throw keyringFailure(
        'keyring-locked',
        'The master key has not been fetched from the keyring yet.'
      );
    }
    return this.fromKeyring;
  }

  /** A lost key is replaced: what it encrypted stays as it is, shut, and what is entered anew can be read. */
  keyToWrite(kept: Kept): Buffer {
    const [key] =
      this.keys(kept) ??
      withLock(`${this.file.path}.lock`, () => {
        const keys = this.file.read();
        if (keys) {
          return keys;
        }
        this.file.keepAside();
        const made: MasterKeys = [newMasterKey()];
        this.file.write(made);
        return made;
      });
    return key;
  }

  /** Why the keyring can not be used; undefined when it can. */
  obstacle(): Promise<string | undefined> {
    return this.keyring.obstacle();
  }

  async read(keeper: KeeperKind): Promise<MasterKeys | undefined> {
    return keeper === 'file' ? this.file.read() : this.keyring.read();
  }

  async write(keeper: KeeperKind, keys: MasterKeys): Promise<void> {
    if (keeper === 'file') {
      this.file.write(keys);
    } else {
      await this.keyring.write(keys);
    }
  }

  async remove(keeper: KeeperKind): Promise<void> {
    if (keeper === 'file') {
      this.file.remove();
    } else {
      await this.keyring.remove();
    }
  }

  /** For people. */
  where({ keeper, keptOn }: Kept): string {
    return keeper === 'file'
      ? this.file.path
      : `${this.keyring.name}${keptOn && keptOn !== hostname() ? ` on ${keptOn}` : ''}`;
  }

  missing({ keeper, keptOn }: Kept): Error {
    return keeper === 'keyring'
      ? keyringFailure(
          'keyring-key-missing',
          `The master key of this workspace is not in ${this.keyring.name}; it was put there on ${keptOn ?? 'another machine'}.`
        )
      : fail(
          'secret-unreadable',
          'request',
          `${this.file.path} does not hold the master key.`,
          'Put it back, or go on without what it encrypted: underpass vault keep file --lost'
        );
  }
}
