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

export interface Read {
  lines: string[];
  /** Bytes of the file itself that were read; {@link follow} goes on from there. */
  end: number;
}

/** All lines that there are: of the files that were put aside as well, the oldest first. */
export function readLines(path: string): Read {
  let end = 0;
  const all = rotated(path).flatMap(file => {
    const content = contentOf(file);
    end = content.lastIndexOf('\n') + 1;
    return lines(content.toString('utf8'));
  });
  return { lines: all, end };
}

function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return Buffer.alloc(0);
    }
    throw error;
  }
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

/**
 * Lines as they come.
 * @param from bytes that were read; the file may have been renamed since
 */
export async function* follow(
  path: string,
  from: number,
  signal: AbortSignal
): AsyncGenerator<string, void, undefined> {
  let file = open(path);
  let position = from;
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
      const change = changeOf(path, file, position);
      if (change === 'emptied') {
        // What was written between the last look and the copying is in the copy.
        yield* lines(begun + restOf(`${path}.1`, position));
        position = 0;
        decoder = new StringDecoder('utf8');
        begun = '';
      } else if (change === 'replaced') {
        // What was written between the last look and the change of names is still in the old one.
        if (file !== undefined) {
          yield* readOn();
          closeSync(file);
        } else if (position > 0) {
          yield* lines(restOf(`${path}.1`, position));
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

/** The service copies a large log and empties it; others would rename it. */
function changeOf(
  path: string,
  file: number | undefined,
  position: number
): 'emptied' | 'replaced' | undefined {
  try {
    const named = statSync(path);
    if (file === undefined || named.ino !== fstatSync(file).ino) {
      return 'replaced';
    }
    return named.size < position ? 'emptied' : undefined;
  } catch {
    // Between two names; the old one is read until the new one is there.
    return undefined;
  }
}

function restOf(path: string, position: number): string {
  return contentOf(path).subarray(position).toString('utf8');
}
