import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { Results } from '@underpass/protocol';

import { codeCells } from './code.js';
import { findNotebooks } from './find.js';
import { mentions } from './mention.js';

/** What a search may cost: a person waits for it, and tunnels run in the same process. */
export const limits = {
  milliseconds: 3_000,
  /** Entries of folders. */
  entries: 50_000,
  /** Of one notebook; to read it blocks for about 3 ms per MiB. */
  bytes: 16 * 1024 * 1024
};

/**
 * The notebooks below a folder that use an integration, as far as they can be found in a short time.
 *
 * @param names of the integration, with its former ones
 */
export async function usage(
  root: string,
  names: readonly string[],
  signal: AbortSignal,
  { milliseconds, entries, bytes } = limits
): Promise<Results['underpass/integrations/usage']> {
  const isMentioned = mentions(names);
  const notebooks: string[] = [];
  const over = AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);
  const search = async () => {
    let complete = true;
    for await (const found of findNotebooks(root, entries)) {
      if (over.aborted) {
        return false;
      }
      if (found.kind !== 'notebook') {
        complete = false;
        continue;
      }
      try {
        const content = await read(join(root, found.path), bytes);
        if (codeCells(content).some(isMentioned)) {
          notebooks.push(found.path);
        }
      } catch {
        // Not ours to read, too large, or no notebook.
        complete = false;
      }
    }
    return complete;
  };
  // A file system that does not answer must not keep the answer up.
  const tooLate = pause(milliseconds, false, { signal, ref: false });
  const complete = await Promise.race([search(), tooLate.catch(() => false)]);
  return { notebooks: [...notebooks].sort(), complete };
}

/** A regular file, also when it was replaced by something else a moment ago: a pipe would never be read to its end. */
async function read(path: string, bytes: number): Promise<string> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const about = await file.stat();
    if (!about.isFile() || about.size > bytes) {
      throw new Error('no file of a usual size');
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
