import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Bytes that a child may say in one line, and of its complaints that are kept. */
const longestLine = 1 << 20;
const mostComplaints = 4096;
/** Milliseconds to read what a child said last. */
const echo = 1_000;

export interface Python {
  program: string;
  /** Its PYTHONPATH. That of this process is of whoever started the service first. */
  path?: string | undefined;
}

/** Variables that would make another Python of it than a kernel is, and our own: the child needs none of them. */
const unwanted = /^(?:UNDERPASS_|PYTHON|__PYVENV_LAUNCHER__$)/;

/**
 * A Python that was started for one test, in a process group of its own, so that whatever it starts ends with it. Its
 * secrets come on its standard input and nowhere else: arguments and environment can be read by others.
 */
export class ProbeProcess {
  private readonly child;
  private complaints = '';
  private killed = false;
  readonly ended: Promise<number | string>;

  constructor({ program, path }: Python, argv: readonly string[]) {
    this.child = spawn(program, argv, {
      // Not where somebody's `json.py` may lie.
      cwd: '/',
      env: {
        ...Object.fromEntries(
          Object.entries(process.env).filter(([name]) => !unwanted.test(name))
        ),
        ...(path ? { PYTHONPATH: path } : {}),
        PYTHONSAFEPATH: '1',
        PYTHONUNBUFFERED: '1',
        PYTHONIOENCODING: 'utf-8'
      },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true
    });
    const { child } = this;
    child.stdin.on('error', () => undefined);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.complaints = (this.complaints + text).slice(-mostComplaints);
    });
    // What it leaves behind in a session of its own would hold the pipes open.
    child.once('exit', () => setTimeout(() => this.kill(), echo).unref());
    this.ended = new Promise(resolve => {
      child.once('error', error => resolve(error.message));
      child.once('close', (code, signal) => resolve(code ?? signal ?? ''));
    });
  }

  /** What it says, line by line, until it ends. */
  async *lines(): AsyncGenerator<string> {
    let unfinished = 0;
    this.child.stdout.on('data', (chunk: Buffer) => {
      const end = chunk.lastIndexOf(0x0a);
      unfinished = end < 0 ? unfinished + chunk.length : chunk.length - end - 1;
      if (unfinished > longestLine) {
        this.kill();
      }
    });
    const lines = createInterface({ input: this.child.stdout });
    this.child.stdout.once('close', () => lines.close());
    yield* lines;
  }

  say(message: unknown): void {
    this.child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** What it wrote to its standard error. May hold anything: not for people. */
  get lastWords(): string {
    return this.complaints;
  }

  /** End it with all that it has started, and listen to none of it any more. */
  kill(): void {
    const { pid } = this.child;
    if (this.killed || pid === undefined) {
      return;
    }
    this.killed = true;
    try {
      if (process.platform === 'win32') {
        this.child.kill();
      } else {
        process.kill(-pid, 'SIGKILL');
      }
    } catch {
      // Gone by itself.
    }
    const { stdin, stdout, stderr } = this.child;
    [stdin, stdout, stderr].forEach(stream => stream.destroy());
  }

  async close(): Promise<void> {
    this.kill();
    if (
      this.child.pid !== undefined &&
      this.child.exitCode === null &&
      this.child.signalCode === null
    ) {
      await once(this.child, 'close');
    }
  }
}
