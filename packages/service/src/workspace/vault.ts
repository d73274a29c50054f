import { hostname } from 'node:os';
import { join } from 'node:path';

import type { VaultStatus, WorkspaceProblem } from '@underpass/protocol';

import { asFailure, fail } from '../serviceError.js';
import type { PreparedChange } from './commit.js';
import { withLock } from './fileLock.js';
import { KeyFile } from './keepers/keyFile.js';
import { type Keyring, keyringFailure } from './keepers/keyring.js';
import { type MasterKeys, newMasterKey } from './keepers/masterKeys.js';
import { systemKeyring } from './keepers/systemKeyring.js';
import { type Change, PreciousDocument } from './preciousDocument.js';
import { decrypt, type Entry, encrypt } from './vaultEntry.js';
import {
  type KeeperKind,
  type VaultContent,
  vaultFormat
} from './vaultFormat.js';

/** Entries to set, and (undefined) to remove. */
interface VaultChanges {
  [name: string]: string | undefined;
}

/**
 * Secrets at rest, in `vault.json`: AES-256-GCM, each entry bound to its name. The master key is in a 0600 file
 * beside it, made on first need, or in the keyring of the operating system.
 */
export class Vault {
  private readonly document: PreciousDocument<VaultContent>;
  private readonly file: KeyFile;
  private readonly lockPath: string;
  /** What the keyring gave, once per run of the service: it may ask the user each time. */
  private fromKeyring: MasterKeys | undefined;
  private opening: Promise<void> | undefined;
  private moving: Promise<unknown> = Promise.resolve();
  private readonly remarks: string[] = [];

  constructor(
    home: string,
    private readonly keyring: Keyring = systemKeyring(home)
  ) {
    this.document = new PreciousDocument(join(home, 'vault.json'), vaultFormat);
    this.file = new KeyFile(join(home, 'master.key'));
    this.lockPath = join(home, 'vault.lock');
  }

  names(): string[] {
    return Object.keys(this.document.read().entries);
  }

  /** What is wrong with `vault.json`. */
  problems(): WorkspaceProblem[] {
    return this.document.problems();
  }

  onProblems(listener: () => void): void {
    this.document.on('problems', listener);
  }

  /**
   * To be awaited before secrets are read or written. Nothing to do for a key in a file; one in the keyring is
   * fetched, which may wait for a person.
   * @throws ServiceError `keyring-…`
   */
  async open(): Promise<void> {
    if (this.document.read().keeper === 'keyring' && !this.fromKeyring) {
      this.opening ??= this.fetch().finally(() => {
        this.opening = undefined;
      });
      await this.opening;
    }
  }

  /**
   * @throws ServiceError `secret-unreadable`
   */
  get(name: string): string | undefined {
    const content = this.document.read();
    const entry = entryOf(content, name);
    if (!entry) {
      return undefined;
    }
    const value = decrypt(name, entry, this.keys(content) ?? []);
    if (value === undefined) {
      throw fail(
        'secret-unreadable',
        'request',
        `The secret "${name}" can not be decrypted: the master key it was encrypted with is not in ${this.where(content)}.`,
        'Put the master key back, or enter the secret again.'
      );
    }
    return value;
  }

  /** Of these entries those that can not be decrypted; none while the key itself can not be had. */
  unreadable(names: readonly string[]): string[] {
    const content = this.document.read();
    if (content.keeper === 'keyring' && !this.fromKeyring) {
      return [];
    }
    let keys: readonly Buffer[];
    try {
      keys = this.keys(content) ?? [];
    } catch {
      // A file of another user's, say: whoever needs a secret is told.
      return [];
    }
    return names.filter(name => {
      const entry = entryOf(content, name);
      return entry && decrypt(name, entry, keys) === undefined;
    });
  }

  /** In one atomic write. */
  update(changes: VaultChanges): void {
    this.document.change(this.changing(changes));
  }

  /** The same, to be committed together with another file. */
  prepare(changes: VaultChanges): PreparedChange {
    return this.document.prepare(this.changing(changes));
  }

  /** The entry, made and kept if there is none. Of two services that do this at once both get the same. */
  getOrMake(name: string, make: () => string): string {
    return withLock(this.lockPath, () => {
      const known = this.get(name);
      if (known !== undefined) {
        return known;
      }
      const value = make();
      this.update({ [name]: value });
      return value;
    });
  }

  /** Where the master key is, where else it could be, and what was noticed about it. Asks nobody. */
  async status(): Promise<VaultStatus> {
    const content = this.document.read();
    const names = Object.keys(content.entries);
    const obstacle = await this.keyring.obstacle();
    const unreadable = this.unreadable(names).length;
    return {
      keeper: content.keeper,
      where: this.where(content),
      keepers: [
        { keeper: 'file', available: true },
        {
          keeper: 'keyring',
          available: obstacle === undefined,
          ...(obstacle === undefined ? {} : { reason: obstacle })
        }
      ],
      secrets: names.length,
      unreadable,
      remarks: [...this.file.remarks, ...this.remarks]
    };
  }

  /**
   * Make a fresh master key, kept there from now on, and encrypt everything anew with it. At every moment there is a
   * key that opens what `vault.json` holds: the new one is kept and read back before the file is replaced, and the
   * old one goes last.
   * @param lost go on where the old key can not be had; what it encrypted has to be entered again
   */
  keep(keeper: KeeperKind, lost = false): Promise<void> {
    const move = this.moving.then(() => this.moveTo(keeper, lost));
    this.moving = move.catch(() => undefined);
    return move;
  }

  private async moveTo(keeper: KeeperKind, lost: boolean): Promise<void> {
    const former = this.document.read().keeper;
    const old = await this.oldKeys(former, lost);
    const key = newMasterKey();
    const both: MasterKeys = former === keeper ? [key, ...old] : [key];
    await this.write(keeper, both);
    const [back] = (await this.readFrom(keeper)) ?? [];
    if (!back?.equals(key)) {
      throw keyringFailure(
        'keyring-refused',
        'The key that was put there did not come back; nothing was changed.'
      );
    }
    this.fromKeyring = keeper === 'keyring' ? both : undefined;
    this.document.change(content => ({
      ...content,
      keeper,
      keptOn: keeper === 'keyring' ? hostname() : undefined,
      entries: Object.fromEntries(
        Object.entries(content.entries).map(([name, entry]) => {
          const value = decrypt(name, entry, old);
          return [
            name,
            value === undefined ? entry : encrypt(name, value, key)
          ];
        })
      )
    }));
    if (keeper === 'keyring') {
      this.fromKeyring = [key];
    }
    try {
      await this.removeOld(former, keeper, key);
    } catch (error) {
      // It opens nothing any more: no reason to say that the move failed.
      const { message } = asFailure(error);
      this.remarks.push(`The old master key could not be removed: ${message}`);
    }
  }

  private async removeOld(
    former: KeeperKind,
    keeper: KeeperKind,
    key: Buffer
  ): Promise<void> {
    if (former === keeper) {
      await this.write(keeper, [key]);
    } else if (former === 'file') {
      this.file.remove();
    } else {
      await this.keyring.remove();
    }
  }

  private async oldKeys(keeper: KeeperKind, lost: boolean): Promise<Buffer[]> {
    try {
      const keys = await this.readFrom(keeper);
      if (keys) {
        return [...keys];
      }
    } catch (error) {
      if (!lost) {
        throw error;
      }
    }
    const content = this.document.read();
    if (lost || Object.keys(content.entries).length === 0) {
      return [];
    }
    throw this.missing(content);
  }

  private async fetch(): Promise<void> {
    const keys = await this.keyring.read();
    const content = this.document.read();
    if (!keys) {
      throw this.missing(content);
    }
    this.fromKeyring = keys;
    if (this.unreadable(Object.keys(content.entries)).length === 0) {
      // Left behind by a move that was cut off; it opens nothing.
      this.file.remove();
    }
  }

  private readFrom(keeper: KeeperKind): Promise<MasterKeys | undefined> {
    return keeper === 'file'
      ? Promise.resolve(this.file.read())
      : this.keyring.read();
  }

  private async write(keeper: KeeperKind, keys: MasterKeys): Promise<void> {
    if (keeper === 'file') {
      this.file.write(keys);
    } else {
      await this.keyring.write(keys);
    }
  }

  private keys({ keeper }: VaultContent): MasterKeys | undefined {
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

  private changing(changes: VaultChanges): Change<VaultContent> {
    return content => {
      const entries: { [name: string]: Entry } = { ...content.entries };
      for (const [name, value] of Object.entries(changes)) {
        if (value === undefined) {
          delete entries[name];
        } else {
          entries[name] = encrypt(name, value, this.keyToWrite(content));
        }
      }
      return { ...content, entries };
    };
  }

  /** A lost key is replaced: what it encrypted stays as it is, shut, and what is entered anew can be read. */
  private keyToWrite(content: VaultContent): Buffer {
    const [key] =
      this.keys(content) ??
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

  private where({ keeper, keptOn }: VaultContent): string {
    return keeper === 'file'
      ? this.file.path
      : `${this.keyring.name}${keptOn && keptOn !== hostname() ? ` on ${keptOn}` : ''}`;
  }

  private missing(content: VaultContent): Error {
    return content.keeper === 'keyring'
      ? keyringFailure(
          'keyring-key-missing',
          `The master key of this workspace is not in ${this.keyring.name}; it was put there on ${content.keptOn ?? 'another machine'}.`
        )
      : fail(
          'secret-unreadable',
          'request',
          `${this.file.path} does not hold the master key.`,
          'Put it back, or go on without what it encrypted: underpass vault keep file --lost'
        );
  }
}

/** Names are no paths into an object's own machinery. */
function entryOf({ entries }: VaultContent, name: string) {
  return Object.hasOwn(entries, name) ? entries[name] : undefined;
}
