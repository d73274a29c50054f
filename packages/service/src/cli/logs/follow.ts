/**
 * A file that grows, and that is put aside for a new one when it is large.
 */
import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as pause } from 'node:timers/promises';

import { systemCode } from '../../serviceError.js';

/** Milliseconds between two looks. Not a watch of the file system: those miss what happens on NFS. */
const interval = 200;

/** All lines that there are: of the files that were put aside as well, the oldest first. */
export function readLines(path: string): string[] {
  return rotated(path).flatMap(file => {
    try {
      return lines(readFileSync(file, 'utf8'));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') {
        return [];
      }
      throw error;
    }
  });
}

/** `service.log.2`, `service.log.1`, `service.log`. */
function rotated(path: string): string[] {
  const name = basename(path);
  let names: string[];
  try {
    names = readdirSync(dirname(path));
  } catch {
    return [];
  }
  const number = (other: string) => Number(other.slice(name.length + 1));
  const aside = names
    .filter(other => other.startsWith(`${name}.`) && number(other) > 0)
    .sort((one, other) => number(other) - number(one));
  return [...aside, name].map(other => join(dirname(path), other));
}

const lines = (text: string) => text.split('\n').filter(line => line !== '');

/** Lines as they come, from the end of what there is. */
export async function* follow(
  path: string,
  signal: AbortSignal
): AsyncGenerator<string, void, undefined> {
  let file = open(path);
  let position = file === undefined ? 0 : fstatSync(file).size;
  let decoder = new StringDecoder('utf8');
  let begun = '';
  const readOn = (): string[] => {
    let text = begun;
    for (;;) {
      const piece = Buffer.alloc(65_536);
      const length =
        file === undefined
          ? 0
          : readSync(file, piece, 0, piece.length, position);
      if (length === 0) {
        break;
      }
      position += length;
      text += decoder.write(piece.subarray(0, length));
    }
    const end = text.lastIndexOf('\n') + 1;
    begun = text.slice(end);
    return lines(text.slice(0, end));
  };
  try {
    while (!signal.aborted) {
      yield* readOn();
      if (isReplaced(path, file, position)) {
        // What was written between the last look and the change of names is still in the old one.
        yield* readOn();
        if (file !== undefined) {
          closeSync(file);
        }
        file = open(path);
        position = 0;
        decoder = new StringDecoder('utf8');
        begun = '';
      } else {
        await pause(interval, undefined, { signal }).catch(() => undefined);
      }
    }
  } finally {
    if (file !== undefined) {
      closeSync(file);
    }
  }
}

function open(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

/** Another file has the name now, or the file was emptied. */
function isReplaced(
  path: string,
  file: number | undefined,
  position: number
): boolean {
  try {
    const named = statSync(path);
    if (file === undefined) {
      return true;
    }
    const ours = fstatSync(file);
    return named.ino !== ours.ino || named.size < position;
  } catch {
    // Between two names; the old one is read until the new one is there.
    return false;
  }
}
