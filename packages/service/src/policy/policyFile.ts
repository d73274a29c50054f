import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { win32 } from 'node:path';

import { systemCode } from '../serviceError.js';
import { noRules, readRules, type Rules, strictest } from './rules.js';

/**
 * Milliseconds between looks at the file: it may be replaced, come or go. Not watched: that misses changes on a
 * network's file system, and those before the watching began.
 */
const interval = 5000;

interface PolicyFileEvents {
  changed: [];
}

/** The administrator's file on this machine. That there is none is the common case. */
export class PolicyFile extends EventEmitter<PolicyFileEvents> {
  /** The one that holds for this process. */
  static find(): PolicyFile {
    const { path, named } = policyFilePath();
    return new PolicyFile(path, named);
  }

  rules: Rules = noRules;
  /** What was found last: the file's text, or why there is none. */
  private found: string | undefined;
  private readonly timer: NodeJS.Timeout;
  private looking = false;

  /** @param named somebody says that there is one: then that there is none is a problem */
  constructor(
    readonly path: string,
    private readonly named = false,
    every = interval
  ) {
    super();
    try {
      this.take(readFileSync(path, 'utf8'));
    } catch (error) {
      this.take(undefined, error);
    }
    this.timer = setInterval(() => void this.look(), every).unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** A file system that hangs must not hold up anything else. */
  private async look(): Promise<void> {
    if (!this.looking) {
      this.looking = true;
      await readFile(this.path, 'utf8').then(
        text => this.take(text),
        (error: unknown) => this.take(undefined, error)
      );
      this.looking = false;
    }
  }

  private take(text: string | undefined, error?: unknown): void {
    const code = systemCode(error) ?? String(error);
    const found = text ?? `(${code})`;
    if (found !== this.found) {
      this.found = found;
      this.rules = text === undefined ? this.missing(code) : this.parsed(text);
      this.emit('changed');
    }
  }

  private missing(code: string): Rules {
    return !this.named && (code === 'ENOENT' || code === 'ENOTDIR')
      ? noRules
      : strictest(`${this.path} can not be read (${code}).`);
  }

  private parsed(text: string): Rules {
    let content: unknown;
    try {
      // Editors of Windows put a mark in front.
      content = JSON.parse(text.replace(/^\uFEFF/, ''));
    } catch {
      return strictest(`${this.path} can not be read: it is not JSON.`);
    }
    return readRules(content, this.path);
  }
}

/** `named`: the environment says that there is one. */
export function policyFilePath(
  environment = process.env,
  system: string = platform()
): { path: string; named: boolean } {
  const named = environment.UNDERPASS_POLICY_FILE;
  return named
    ? { path: named, named: true }
    : { path: placeOf(system, environment), named: false };
}

function placeOf(system: string, environment: NodeJS.ProcessEnv): string {
  switch (system) {
    case 'darwin':
      return '/Library/Application Support/Underpass/policy.json';
    case 'win32':
      return win32.join(
        environment.ProgramData ?? 'C:\\ProgramData',
        'Underpass',
        'policy.json'
      );
    default:
      return '/etc/underpass/policy.json';
  }
}
