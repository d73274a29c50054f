import { commitTogether, type PreparedChange } from './commit.js';
import type { Vault } from './vault.js';

/** Secret fields to set, and (undefined) to remove. */
export interface SecretChanges {
  [field: string]: string | undefined;
}

/** The secrets of integrations, in the vault; saved together with what else belongs to the same change. */
export class Secrets {
  /** Changes of the vault that belong to failed saves and could not be taken back yet, by entry. */
  private owed: SecretChanges = {};

  constructor(private readonly vault: Vault) {}

  /** Names of the fields that have a value. */
  fieldsSet(id: string): string[] {
    const prefix = entryName(id, '');
    return this.vault
      .names()
      .filter(name => name.startsWith(prefix))
      .map(name => name.slice(prefix.length));
  }

  /** Of these, those that can not be decrypted. */
  unreadable(id: string): string[] {
    return this.fieldsSet(id).filter(
      field => this.vault.unreadable([entryName(id, field)]).length > 0
    );
  }

  /** @throws ServiceError `secret-unreadable` */
  all(id: string): { [field: string]: string } {
    return Object.fromEntries(
      this.fieldsSet(id).map(field => [
        field,
        this.vault.get(entryName(id, field)) ?? ''
      ])
    );
  }

  /** Those that the master key opens: the others can be replaced without being read. */
  readable(id: string): { [field: string]: string } {
    const fields = this.fieldsSet(id);
    return Object.fromEntries(
      Object.entries(this.values(id, fields)).map(([field, value]) => [
        field,
        value ?? ''
      ])
    );
  }

  /**
   * Save secrets and something else, both or none.
   * @param takeBack whether the secrets get their former values back where the other could not take its place
   */
  saveWith(
    other: () => PreparedChange,
    id = '',
    secrets: SecretChanges = {},
    takeBack = true
  ): void {
    const changes = { ...this.owed, ...named(id, secrets) };
    if (Object.keys(changes).length === 0) {
      commitTogether([other]);
      return;
    }
    const former = takeBack
      ? named(id, this.values(id, Object.keys(secrets)))
      : {};
    let isVaultChanged = false;
    const own = () => {
      const prepared = this.vault.prepare(changes);
      const commit = () => {
        prepared.commit();
        isVaultChanged = true;
      };
      return { ...prepared, commit };
    };
    try {
      commitTogether([own, other]);
      this.owed = {};
    } catch (error) {
      if (isVaultChanged) {
        this.takeBack(former);
      }
      throw error;
    }
  }

  private takeBack(former: SecretChanges): void {
    this.owed = former;
    try {
      this.vault.update(former);
      this.owed = {};
    } catch {
      // With the next save that can be made.
    }
  }

  /** Of these fields, those that can be read or have no value. */
  private values(id: string, fields: readonly string[]): SecretChanges {
    const readable = fields.filter(
      field => this.vault.unreadable([entryName(id, field)]).length === 0
    );
    return Object.fromEntries(
      readable.map(field => [field, this.vault.get(entryName(id, field))])
    );
  }
}

/** The entry of the vault that keeps a secret. */
export function entryName(id: string, field: string): string {
  return `integration/${id}/${field}`;
}

function named(id: string, secrets: SecretChanges): SecretChanges {
  return Object.fromEntries(
    Object.entries(secrets).map(([field, value]) => [
      entryName(id, field),
      value
    ])
  );
}
