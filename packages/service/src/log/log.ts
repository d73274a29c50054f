import {
  closeSync,
  constants,
  copyFileSync,
  openSync,
  statSync,
  truncateSync,
  writeSync
} from 'node:fs';

import type { Json } from '@underpass/protocol';

export type Level = 'info' | 'warning' | 'error';

export interface Details {
  [name: string]: Json | undefined;
}

/** Bytes after which the log becomes its own predecessor; there is one of these. */
const largest = 1024 * 1024;
/** Never through a link: the folder is ours, and so is what is in it. */
const appending =
  constants.O_WRONLY |
  constants.O_CREAT |
  constants.O_APPEND |
  // Windows has none.
  ((constants as Partial<typeof constants>).O_NOFOLLOW ?? 0);
/** Characters of one text in a line: what a bastion sends may be long. */
const longestText = 2_000;

/**
 * The service's log: one JSON object a line, written at once so that the last words of a process that dies are there.
 * It opens the file for each line: whoever deletes or moves it gets a new one, and a full disk costs the line and
 * nothing else.
 */
export class Log {
  constructor(private readonly path: string) {}

  info(event: string, details: Details = {}): void {
    this.write('info', event, details);
  }

  warning(event: string, details: Details = {}): void {
    this.write('warning', event, details);
  }

  /** @param error what nobody foresaw, with its stack */
  error(event: string, error: unknown): void {
    this.write('error', event, describeError(error));
  }

  private write(level: Level, event: string, details: Details): void {
    const line = `${JSON.stringify(
      { time: new Date().toISOString(), level, event, ...details },
      shortened
    )}\n`;
    try {
      this.makeRoom(Buffer.byteLength(line));
      const file = openSync(this.path, appending, 0o600);
      try {
        writeSync(file, line);
      } finally {
        closeSync(file);
      }
    } catch {
      // There is nowhere left to say so.
    }
  }

  /** Copied and emptied, not renamed: Node itself writes to the same file what ends the process. */
  private makeRoom(bytes: number): void {
    const size = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > 0 && size + bytes > largest) {
      try {
        copyFileSync(this.path, `${this.path}.1`);
      } finally {
        // Also where there is no room for a copy: it must not grow for ever.
        truncateSync(this.path);
      }
    }
  }
}

/**
 * Name, code, message and stack of an error. Not the message of a SyntaxError: it quotes the text that could not be
 * read, which may hold a secret.
 */
function describeError(error: unknown): Details {
  if (!(error instanceof Error)) {
    return { error: typeof error };
  }
  const quotes = error instanceof SyntaxError;
  const frames = (error.stack ?? '')
    .split('\n')
    .filter(line => /^\s+at /.test(line))
    .map(line => line.trim());
  return {
    error: error.name,
    code: (error as NodeJS.ErrnoException).code,
    message: quotes ? undefined : error.message,
    stack: frames
  };
}

function shortened(_name: string, value: unknown): unknown {
  return typeof value === 'string' && value.length > longestText
    ? `${value.slice(0, longestText)}…`
    : value;
}
