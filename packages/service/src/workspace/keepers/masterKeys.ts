/**
 * The vault's master key as its keepers keep it: base64, one word a key. There are two while the key is being
 * changed, the newer one first.
 */
import { randomBytes } from 'node:crypto';

const keyBytes = 32;

export type MasterKeys = readonly [Buffer, ...Buffer[]];

export function newMasterKey(): Buffer {
  return randomBytes(keyBytes);
}

export function writeKeys(keys: MasterKeys, separator: ' ' | '\n'): string {
  return keys.map(key => key.toString('base64')).join(separator);
}

/** @returns undefined where the text is not one or more keys and nothing else */
export function readKeys(text: string): MasterKeys | undefined {
  const keys = text
    .split(/\s+/)
    .filter(Boolean)
    .map(word => Buffer.from(word, 'base64'));
  const [first, ...others] = keys;
  return first && keys.every(key => key.length === keyBytes)
    ? [first, ...others]
    : undefined;
}
