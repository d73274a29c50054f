import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { fail } from '../serviceError.js';
import { Document, writePrivately } from './document.js';

const algorithm = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;

const vaultSchema = z.object({
  version: z.literal(1),
  entries: z.record(
    z.string(),
    z.object({ nonce: z.string(), tag: z.string(), data: z.string() })
  )
});

/**
 * Secrets at rest: AES-256-GCM with a fresh nonce each time; the entry's name is authenticated, so that entries
 * can not be swapped in the file. The master key is a 0600 file beside it, made on first need.
 */
export class Vault {
  private readonly document: Document<z.infer<typeof vaultSchema>>;
  private readonly masterKeyPath: string;

  constructor(home: string) {
    this.document = new Document(join(home, 'vault.json'), vaultSchema, {
      version: 1,
      entries: {}
    });
    this.masterKeyPath = join(home, 'master.key');
  }

  names(): string[] {
    return Object.keys(this.document.read().entries);
  }

  get(name: string): string | undefined {
    const entry = this.document.read().entries[name];
    if (!entry) {
      return undefined;
    }
    try {
      const decipher = createDecipheriv(
        algorithm,
        this.masterKey(),
        Buffer.from(entry.nonce, 'base64')
      );
      decipher.setAAD(Buffer.from(name));
      decipher.setAuthTag(Buffer.from(entry.tag, 'base64'));
      return Buffer.concat([
        decipher.update(Buffer.from(entry.data, 'base64')),
        decipher.final()
      ]).toString('utf8');
    } catch {
      throw fail(
        'secret-unreadable',
        'request',
        `The secret "${name}" can not be decrypted with ${this.masterKeyPath}.`,
        'Put the master key back that it was encrypted with, or enter the secret again.'
      );
    }
  }

  /** Set and remove entries in one atomic write; `undefined` removes. */
  update(changes: { [name: string]: string | undefined }): void {
    const content = this.document.read();
    if (
      Object.keys(content.entries).length === 0 &&
      !existsSync(this.masterKeyPath)
    ) {
      // Only now: a new key beside old entries would shut them for good.
      writePrivately(
        this.masterKeyPath,
        randomBytes(keyBytes).toString('base64')
      );
    }
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) {
        delete content.entries[name];
      } else {
        content.entries[name] = this.encrypt(name, value);
      }
    }
    this.document.write(content);
  }

  private encrypt(name: string, value: string) {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.masterKey(), nonce);
    cipher.setAAD(Buffer.from(name));
    const data = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
    return {
      nonce: nonce.toString('base64'),
      tag: cipher.getAuthTag().toString('base64'),
      data: data.toString('base64')
    };
  }

  private masterKey(): Buffer {
    let text = '';
    try {
      text = readFileSync(this.masterKeyPath, 'utf8');
    } catch {
      // Said below, as for a file with something else in it.
    }
    const key = Buffer.from(text, 'base64');
    if (key.length !== keyBytes) {
      throw fail(
        'secret-unreadable',
        'request',
        `${this.masterKeyPath} does not hold a key.`,
        'Put the master key back from a backup; without it the secrets have to be entered again.'
      );
    }
    return key;
  }
}
