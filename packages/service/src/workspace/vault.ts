import { hostname } from 'node:os';
import { join } from 'node:path';

import type { Results } from '@underpass/protocol';
import { z } from 'zod';

import { fail } from '../serviceError.js';
import { Document } from './document.js';
import { withLock } from './fileLock.js';
import { KeyFile } from './keepers/keyFile.js';
import { type Keyring, keyringFailure } from './keepers/keyring.js';
import { type MasterKeys, newMasterKey } from './keepers/masterKeys.js';
import { systemKeyring } from './keepers/systemKeyring.js';
import { decrypt, encrypt, entrySchema } from './vaultEntry.js';

const vaultSchema = z.object({
  version: z.literal(1),
  /** Where the master key is. Written together with the entries, so that the two always fit. */
  keeper: z.enum(['file', 'keyring']).default('file'),
  /** The machine whose keyring it is. */
  keptOn: z.string().optional(),
  entries: z.record(z.string(), entrySchema)
});

type VaultContent = z.infer<typeof vaultSchema>;
export type KeeperKind = VaultContent['keeper'];

/**
 * Secrets at rest, in `vault.json`: AES-256-GCM, each entry bound to its name. The master key is in a 0600 file
 * beside it, made on first need, or in the keyring of the operating system.
 */
export class Vault {
  private readonly document: Document<VaultContent>;
  private readonly file: KeyFile;
  private readonly lockPath: string;
  /** What the keyring gave, once per run of the service: it may ask the user each time. */
  private fromKeyring: MasterKeys | undefined;
  private opening: Promise<void> | undefined;
  private moving: Promise<unknown> = Promise.resolve();

  constructor(
    home: string,
    private readonly keyring: Keyring = systemKeyring(home)
  ) {
    this.document = new Document<VaultContent>(
      join(home, 'vault.json'),
      vaultSchema as z.ZodType<VaultContent>,
      { version: 1, keeper: 'file', entries: {} }
    );
    this.file = new KeyFile(join(home, 'master.key'));
    this.lockPath = join(home, 'vault.lock');
  }

  names(): string[] {
    return Object.keys(this.document.read().entries);
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

  /** Of these entries those that can not be decrypted; none while the keyring has not been opened. */
  unreadable(names: readonly string[]): string[] {
    const content = this.document.read();
    if (content.keeper === 'keyring' && !this.fromKeyring) {
      return [];
    }
    const keys = this.keys(content) ?? [];
    return names.filter(name => {
      const entry = entryOf(content, name);
      return entry && decrypt(name, entry, keys) === undefined;
    });
  }

  /** Set and remove entries in one atomic write; `undefined` removes. */
  update(changes: { [name: string]: string | undefined }): void {
    this.change(content => {
      for (const [name, value] of Object.entries(changes)) {
        if (value === undefined) {
          delete content.entries[name];
        } else {
          content.entries[name] = encrypt(
            name,
            value,
            this.keysToWrite(content)[0]
          );
        }
      }
    });
  }

  /** The entry, made and kept if there is none. Of two services that do this at once both get the same. */
  getOrMake(name: string, make: () => string): string {
    const known = this.get(name);
    if (known !== undefined) {
      return known;
    }
    let value = '';
    this.change(content => {
      const keys = this.keysToWrite(content);
      const entry = entryOf(content, name);
      const found = entry && decrypt(name, entry, keys);
      value = found ?? make();
      content.entries[name] = encrypt(name, value, keys[0]);
    });
    return value;
  }

  /** Where the master key is, where else it could be, and what was noticed about it. Asks nobody. */
  async status(): Promise<Results['underpass/vault/status']> {
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
      remarks: [...this.file.remarks]
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
    this.change(content => {
      content.keeper = keeper;
      delete content.keptOn;
      if (keeper === 'keyring') {
        content.keptOn = hostname();
        this.fromKeyring = both;
      }
      for (const [name, entry] of Object.entries(content.entries)) {
        const value = decrypt(name, entry, old);
        if (value !== undefined) {
          content.entries[name] = encrypt(name, value, key);
        }
      }
    });
    if (keeper === 'keyring') {
      this.fromKeyring = [key];
    }
    if (former === keeper) {
      await this.write(keeper, [key]);
    } else if (former === 'file') {
      this.file.remove();
    } else if (!lost) {
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

  /** A lost key is replaced: what it encrypted stays as it is, shut, and what is entered anew can be read. */
  private keysToWrite(content: VaultContent): MasterKeys {
    const keys = this.keys(content);
    if (keys) {
      return keys;
    }
    this.file.keepAside();
    const made: MasterKeys = [newMasterKey()];
    this.file.write(made);
    return made;
  }

  private change(edit: (content: VaultContent) => void): void {
    withLock(this.lockPath, () => {
      const content = this.document.read();
      edit(content);
      this.document.write(content);
    });
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
