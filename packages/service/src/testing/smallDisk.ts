/**
 * Disks of a few KiB that really become full, and file systems that really are read-only: a scenario runs in a
 * process with mounts of its own, which go away with it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  statfsSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const wanted = 'UNDERPASS_TEST_SCENARIO';

export interface Scenarios {
  [name: string]: () => void | Promise<void>;
}

/**
 * Make each scenario a test. To be called at the end of a spec file, which runs once more for each.
 * @param url `import.meta.url` of that file
 */
export async function scenarios(url: string, all: Scenarios): Promise<void> {
  const name = process.env[wanted];
  if (name !== undefined) {
    await all[name]?.();
    return;
  }
  for (const each of Object.keys(all)) {
    void test(each, () => runAlone(fileURLToPath(url), each));
  }
}

function runAlone(file: string, name: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'underpass-disks-'));
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    [wanted]: name,
    TMPDIR: folder
  };
  // It is no test runner's child.
  delete environment.NODE_TEST_CONTEXT;
  const { status, stderr } = spawnSync(
    'unshare',
    [
      process.getuid?.() === 0 ? '-m' : '-rm',
      process.execPath,
      ...['--import', 'tsx', file]
    ],
    { env: environment, encoding: 'utf8' }
  );
  // Nothing is mounted out here.
  rmSync(folder, { recursive: true });
  if (status !== 0) {
    throw new Error(stderr);
  }
}

/** A file system in memory, mounted for this process alone. */
export class SmallDisk {
  readonly folder = mkdtempSync(join(tmpdir(), 'underpass-disk-'));
  private readonly ballast = join(this.folder, 'ballast');

  /** @param options of tmpfs, such as `size=64k` or `nr_inodes=10` */
  constructor(options: string) {
    mount('-t', 'tmpfs', '-o', options, 'tmpfs', this.folder);
  }

  /** A folder on it, for a workspace. */
  home(): string {
    const home = join(this.folder, 'home');
    mkdirSync(home, { recursive: true, mode: 0o700 });
    return home;
  }

  /** Take all the room but some blocks. */
  fill(blocks = 0): void {
    const { bfree, bsize } = statfsSync(this.folder);
    writeFileSync(
      this.ballast,
      Buffer.alloc(Math.max(0, Number(bfree) - blocks) * Number(bsize))
    );
  }

  makeRoom(): void {
    rmSync(this.ballast);
  }

  readOnly(isReadOnly: boolean): void {
    mount('-o', `remount,bind,${isReadOnly ? 'ro' : 'rw'}`, this.folder);
  }

  /** Take its place with a file that can be written, but that nothing can be renamed to. */
  pin(file: string): void {
    mount('--bind', file, file);
  }

  unpin(file: string): void {
    execFileSync('umount', [file]);
  }
}

function mount(...args: string[]): void {
  execFileSync('mount', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
