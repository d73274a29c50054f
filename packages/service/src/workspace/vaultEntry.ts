import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

import { z } from 'zod';

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** All three in base64. */
export const entrySchema = z.object({
  nonce: z.string(),
  tag: z.string(),
  data: z.string()
});

export type Entry = z.infer<typeof entrySchema>;

/** A fresh nonce each time; the name is authenticated, so that entries can not be swapped in the file. */
export function encrypt(name: string, value: string, key: Buffer): Entry {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce);
  cipher.setAAD(Buffer.from(name));
  const data = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
  return {
    nonce: nonce.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    data: data.toString('base64')
  };
}

/** @returns undefined if none of the keys fits, or somebody changed the entry */
export function decrypt(
  name: string,
  entry: Entry,
  keys: readonly Buffer[]
): string | undefined {
  for (const key of keys) {
    try {
      const decipher = createDecipheriv(
        algorithm,
        key,
        Buffer.from(entry.nonce, 'base64'),
        // Without it a tag of four bytes would do: 2³² tries.
        { authTagLength: tagBytes }
      );
      decipher.setAAD(Buffer.from(name));
      decipher.setAuthTag(Buffer.from(entry.tag, 'base64'));
      return Buffer.concat([
        decipher.update(Buffer.from(entry.data, 'base64')),
        decipher.final()
      ]).toString('utf8');
    } catch {
      // The next one, then.
    }
  }
  return undefined;
}
