import { realpathSync, statSync } from 'node:fs';

/** The file that this process runs, and whether it is still the one on disk. */
export class Bundle {
  readonly path: string;
  private readonly loaded: string | undefined;

  constructor(argument = process.argv[1] ?? '') {
    try {
      this.path = realpathSync(argument);
    } catch {
      this.path = argument;
    }
    this.loaded = this.identity();
  }

  /** An upgrade has put another file in its place, or removed it: what runs is older than what is installed. */
  get replaced(): boolean {
    return this.identity() !== this.loaded;
  }

  private identity(): string | undefined {
    try {
      const { ino, size, mtimeMs } = statSync(this.path);
      return `${ino} ${size} ${mtimeMs}`;
    } catch {
      return undefined;
    }
  }
}
