import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';

import type { VaultStatus, WorkspaceProblem } from '@underpass/protocol';

import { asFailure, fail } from '../serviceError.js';
import type { PreparedChange } from './commit.js';
import { withLock } from './fileLock.js';
import { Keepers } from './keepers/keepers.js';
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
  private readonly keepers: Keepers;
  private readonly lockPath: string;
  private opening: Promise<void> | undefined;
  private moving: Promise<unknown> = Promise.resolve();
  private readonly remarks: string[] = [];

  constructor(home: string, keyring: Keyring = systemKeyring(home)) {
    this.document = new PreciousDocument(join(home, 'vault.json'), vaultFormat);
    this.keepers = new Keepers(home, keyring);
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

  /** Opening it asks nobody for anything. */
  get isAtHand(): boolean {
    return this.keepers.hasAtHand(this.document.read());
  }

  /**
   * To be awaited before secrets are read or written. Nothing to do for a key in a file; one in the keyring is
   * fetched, which may wait for a person.
   * @throws ServiceError `keyring-…`
   */
  async open(): Promise<void> {
    if (!this.isAtHand) {
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
    const value = decrypt(name, entry, this.keepers.keys(content) ?? []);
    if (value === undefined) {
      throw fail(
        'secret-unreadable',
        'request',
        `The secret "${name}" can not be decrypted: the master key it was encrypted with is not in ${this.keepers.where(content)}.`,
        'Put the master key back, or enter the secret again.'
      );
    }
    return value;
  }

  /** Another text after each of these entries was set anew. Says nothing of what is in them. */
  stamp(names: readonly string[]): string {
    const content = this.document.read();
    const entries = names.map(name => [name, entryOf(content, name)]);
    return createHash('sha256').update(JSON.stringify(entries)).digest('hex');
  }

  /** Of these entries those that can not be decrypted; none while the key itself can not be had. */
  unreadable(names: readonly string[]): string[] {
    const content = this.document.read();
    let keys: readonly Buffer[];
    try {
      keys = this.keepers.keys(content) ?? [];
    } catch {
      // Locked, or a file of another user's: whoever needs a secret is told.
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
    const obstacle = await this.keepers.obstacle();
    const unreadable = this.unreadable(names).length;
    return {
      keeper: content.keeper,
      where: this.keepers.where(content),
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
      remarks: [...this.keepers.remarks, ...this.remarks]
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
    await this.keepers.write(keeper, both);
    const [back] = (await this.keepers.read(keeper)) ?? [];
    if (!back?.equals(key)) {
      throw keyringFailure(
        'keyring-refused',
        'The key that was put there did not come back; nothing was changed.'
      );
    }
    this.keepers.remember(keeper === 'keyring' ? both : undefined);
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
    this.keepers.remember(keeper === 'keyring' ? [key] : undefined);
    if (old.length === 0 && former !== keeper) {
      // The old key was out of reach; found again, it opens what it encrypted.
      return;
    }
    try {
      await (former === keeper
        ? this.keepers.write(keeper, [key])
        : this.keepers.remove(former));
    } catch (error) {
      // It opens nothing any more: no reason to say that the move failed.
      const { message } = asFailure(error);
      this.remarks.push(`The old master key could not be removed: ${message}`);
    }
  }

  private async oldKeys(keeper: KeeperKind, lost: boolean): Promise<Buffer[]> {
    try {
      const keys = await this.keepers.read(keeper);
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
    throw this.keepers.missing(content);
  }

  private async fetch(): Promise<void> {
    await this.keepers.fetch(this.document.read());
    if (this.unreadable(this.names()).length === 0) {
      // A file left behind by a move that was cut off; it opens nothing.
      await this.keepers.remove('file');
    }
  }

  private changing(changes: VaultChanges): Change<VaultContent> {
    return content => {
      const entries: { [name: string]: Entry } = { ...content.entries };
      for (const [name, value] of Object.entries(changes)) {
        if (value === undefined) {
          delete entries[name];
        } else {
          entries[name] = encrypt(
            name,
            value,
            this.keepers.keyToWrite(content)
          );
        }
      }
      return { ...content, entries };
    };
  }
}

/** Names are no paths into an object's own machinery. */
function entryOf({ entries }: VaultContent, name: string) {
  return Object.hasOwn(entries, name) ? entries[name] : undefined;
}
