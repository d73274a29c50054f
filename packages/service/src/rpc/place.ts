import {
  linkSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs';

import { fail, systemCode } from '../serviceError.js';
import { startOf } from './processes.js';

/** Milliseconds after which a right that nobody used belongs to a process that died in that very moment. */
const longestBreaking = 5_000;

/**
 * The file that says who the service is: process id and start of that process. It is written before the service
 * listens and removed as the last thing that it does, when its ports are free again; who is named in it and lives
 * is the only one who may be the service. One that was killed is no obstacle, nor is a process that has its id now.
 */
export class Place {
  constructor(private readonly path: string) {}

  /** The process that has the place, if it lives. */
  holder(): number | undefined {
    const content = this.read();
    return content === undefined ? undefined : livingHolder(content);
  }

  get isOurs(): boolean {
    return this.read() === ourselves();
  }

  /**
   * @returns whether it is ours now
   * @throws ServiceError `storage-failed`: the folder can not be written to
   */
  take(): boolean {
    const content = this.read();
    if (content !== undefined) {
      if (livingHolder(content) !== undefined) {
        return false;
      }
      this.clear(content);
    }
    return this.link(this.path, ourselves());
  }

  release(): void {
    if (this.isOurs) {
      rmSync(this.path, { force: true });
    }
  }

  /**
   * Remove what a dead process left. Of many who want to, one has the right, which is bound to this very content:
   * who comes late can not remove the file of a living one.
   */
  private clear(content: string): void {
    const right = `${this.path}.${content.replaceAll(/[^\w]+/g, '-').slice(0, 60)}`;
    if (!this.link(right, ourselves())) {
      if (ageOf(right) > longestBreaking) {
        rmSync(right, { force: true });
      }
      return;
    }
    try {
      if (this.read() === content) {
        rmSync(this.path, { force: true });
      }
    } finally {
      rmSync(right, { force: true });
    }
  }

  /** A file appears together with its content: an empty one would look like one of the dead. */
  private link(path: string, content: string): boolean {
    const draft = `${this.path}.${process.pid}`;
    try {
      writeFileSync(draft, content, { mode: 0o600 });
      linkSync(draft, path);
      return true;
    } catch (error) {
      if (systemCode(error) === 'EEXIST') {
        return false;
      }
      throw unwritable(this.path, error);
    } finally {
      rmSync(draft, { force: true });
    }
  }

  private read(): string | undefined {
    try {
      return readFileSync(this.path, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') {
        return undefined;
      }
      throw unwritable(this.path, error);
    }
  }
}

function ourselves(): string {
  return `${process.pid} ${startOf(process.pid)}`;
}

function livingHolder(content: string): number | undefined {
  const [pid = '', start] = content.split(' ');
  return /^\d+$/.test(pid) && start && startOf(Number(pid)) === start
    ? Number(pid)
    : undefined;
}

function ageOf(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

function unwritable(path: string, error: unknown): Error {
  return fail(
    'storage-failed',
    'request',
    `The tunnel service can not use ${path} (${systemCode(error) ?? String(error)}).`,
    'Make room or give yourself the right to write there, or set UNDERPASS_RUNTIME_DIR to a folder of yours on a local disk.',
    { path }
  );
}
