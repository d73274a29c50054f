import { hostname, userInfo } from 'node:os';

import type { WorkspaceKeyDescription } from '@underpass/protocol';

import type { SshTarget } from '../integrations/define.js';
import { asFailure, fail } from '../serviceError.js';
import type { LoginKey } from '../ssh/engine.js';
import { generateEd25519 } from '../ssh/openssh.js';
import { givenKeyFile, readGivenKey } from './givenKey.js';
import { KeyLog } from './keyLog.js';
import { readPrivateKey } from './privateKey/read.js';
import type { Vault } from './vault.js';

/** Entries of the vault. */
const newest = 'workspace-key';
const former = 'workspace-key/previous';

interface Keys {
  current: LoginKey;
  previous?: LoginKey;
  /** The file that gives it. */
  path?: string;
}

/**
 * The key of the workspace: given by `UNDERPASS_PRIVATE_KEY_FILE`, else made on first need, or imported, and kept in
 * the vault. While it is being rotated there are two; the previous one goes when all bastions have let the new one in.
 */
export class WorkspaceKeys {
  private readonly log: KeyLog;

  /** @param bastions those that integrations use now */
  constructor(
    home: string,
    private readonly vault: Vault,
    private readonly bastions: () => readonly SshTarget[]
  ) {
    this.log = new KeyLog(home);
  }

  /** Newest first. Private keys never leave the service. */
  async forLogin(): Promise<[LoginKey, ...LoginKey[]]> {
    const { current, previous } = await this.read();
    return previous ? [current, previous] : [current];
  }

  /** Without what the integrations have to do with it. */
  async describe(): Promise<
    Pick<
      WorkspaceKeyDescription,
      'publicKey' | 'fingerprint' | 'source' | 'path' | 'previous'
    >
  > {
    const { current, previous, path } = await this.read();
    const { publicKey, fingerprint } = current;
    return {
      publicKey,
      fingerprint,
      ...(path === undefined
        ? { source: this.log.isImported(fingerprint) ? 'imported' : 'made' }
        : { source: 'file', path }),
      ...(previous
        ? {
            previous: {
              publicKey: previous.publicKey,
              fingerprint: previous.fingerprint,
              bastions: this.waitingFor(fingerprint).map(
                ({ host, port, user }) => ({ host, port, user })
              )
            }
          }
        : {})
    };
  }

  /** When the bastion let the current key in, as ISO 8601; undefined if it has not yet. */
  loggedInAt(bastion: SshTarget, fingerprint: string): string | undefined {
    return this.log.loggedInAt(bastion, fingerprint);
  }

  /** A bastion let this key in. Finishes a rotation when it was the last one. Never throws. */
  loggedIn(bastion: SshTarget, fingerprint: string): void {
    try {
      this.log.loggedIn(bastion, fingerprint);
      if (
        this.vault.names().includes(former) &&
        this.bastions().length > 0 &&
        this.log.isNewest(fingerprint) &&
        this.waitingFor(fingerprint).length === 0
      ) {
        this.forgetFormer(fingerprint);
      }
    } catch (error) {
      // A full disk is no reason to refuse a connection that stands.
      process.stderr.write(
        `underpass: the login was not noted: ${asFailure(error).message}\n`
      );
    }
  }

  /**
   * @throws ServiceError `key-invalid`, `key-passphrase`, `key-given`, `key-rotating`
   */
  async import(privateKey: string, passphrase?: string): Promise<void> {
    const imported = readPrivateKey(
      privateKey,
      { what: 'The key', detail: { field: 'privateKey' } },
      passphrase
    );
    const current = await this.toReplace('An imported key');
    if (current?.fingerprint === imported.fingerprint) {
      return;
    }
    this.log.imported(imported.fingerprint);
    this.replace(
      imported,
      // One that was never let in anywhere is nobody's loss.
      current && this.log.wasEverLetIn(current.fingerprint)
        ? current
        : undefined
    );
  }

  /** Make a new key; the present one is tried as the second until the new one is known everywhere. */
  async rotate(): Promise<void> {
    const current = await this.toReplace('A new key');
    this.replace(made(), current);
  }

  /** Delete the previous key, whether or not the bastions know the new one. */
  async finish(): Promise<void> {
    this.refuseIfGiven('A new key');
    const { current } = await this.read();
    this.forgetFormer(current.fingerprint);
  }

  /** Those of the bastions that have not let this key in. */
  private waitingFor(fingerprint: string): SshTarget[] {
    return this.bastions().filter(
      bastion => this.log.loggedInAt(bastion, fingerprint) === undefined
    );
  }

  private async read(): Promise<Keys> {
    const path = givenKeyFile();
    if (path !== undefined) {
      const origin = { what: `The key in ${path}`, detail: { path } };
      return { current: readPrivateKey(readGivenKey(path), origin), path };
    }
    await this.vault.open();
    const current = this.kept(newest, () => made().privateKey);
    const previous = this.vault.names().includes(former)
      ? this.keptOrNone(former)
      : undefined;
    return previous ? { current, previous } : { current };
  }

  /** @returns the present key; undefined where there is none, or it can not be decrypted any more */
  private async toReplace(what: string): Promise<LoginKey | undefined> {
    this.refuseIfGiven(what);
    await this.vault.open();
    const names = this.vault.names();
    if (names.includes(former)) {
      throw fail(
        'key-rotating',
        'request',
        'The key is being rotated: the previous one is still in use.',
        'Finish that first: underpass key rotate --finish'
      );
    }
    return names.includes(newest) ? this.keptOrNone(newest) : undefined;
  }

  private replace(key: LoginKey, previous: LoginKey | undefined): void {
    this.vault.update({
      [newest]: key.privateKey,
      [former]: previous?.privateKey
    });
    this.log.becameNewest(key.fingerprint, previous?.fingerprint);
  }

  private forgetFormer(fingerprint: string): void {
    this.vault.update({ [former]: undefined });
    this.log.becameNewest(fingerprint);
  }

  private kept(entry: string, make: () => string): LoginKey {
    try {
      return parse(this.vault.getOrMake(entry, make));
    } catch (error) {
      if (asFailure(error).code !== 'secret-unreadable') {
        throw error;
      }
      throw fail(
        'secret-unreadable',
        'request',
        'The private key of the workspace can not be decrypted: its master key was lost or replaced.',
        'Put the master key back, or have a new key made (underpass key rotate) or imported (underpass key import).'
      );
    }
  }

  private keptOrNone(entry: string): LoginKey | undefined {
    const [unreadable] = this.vault.unreadable([entry]);
    const text = unreadable ? undefined : this.vault.get(entry);
    return text === undefined ? undefined : parse(text);
  }

  private refuseIfGiven(what: string): void {
    const path = givenKeyFile();
    if (path !== undefined) {
      throw fail(
        'key-given',
        'request',
        `${what} would not be used: UNDERPASS_PRIVATE_KEY_FILE names ${path}.`,
        'Replace that file, or start the service without the variable.',
        { path }
      );
    }
  }
}

function parse(text: string): LoginKey {
  return readPrivateKey(text, {
    what: 'The key in the vault',
    detail: {}
  });
}

function made(): LoginKey {
  return generateEd25519(`underpass ${userName()}@${hostname()}`);
}

/** Containers run as users that have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
}
