/**
 * A real OpenSSH server for tests: own configuration, own host key, own authorized keys, on loopback.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export interface SshdOptions {
  [keyword: string]: string;
}

export class Sshd {
  readonly folder = mkdtempSync(join(tmpdir(), 'underpass-sshd-'));
  readonly host = '127.0.0.1';
  readonly user = userInfo().username;
  private readonly log: string[] = [];
  private process: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly options: SshdOptions
  ) {
    this.newHostKey();
    writeFileSync(join(this.folder, 'authorized_keys'), '', { mode: 0o600 });
  }

  /** @param options what its configuration says besides, or instead */
  static async start(options: SshdOptions = {}): Promise<Sshd> {
    const sshd = new Sshd(await freePort(), options);
    await sshd.up();
    return sshd;
  }

  async up(): Promise<void> {
    // sshd run by root wants this folder of its package.
    if (userInfo().uid === 0) {
      mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    }
    const options = {
      ListenAddress: this.host,
      Port: this.port,
      HostKey: join(this.folder, 'host_key'),
      AuthorizedKeysFile: join(this.folder, 'authorized_keys'),
      PidFile: 'none',
      StrictModes: 'no',
      UsePAM: 'no',
      PasswordAuthentication: 'no',
      KbdInteractiveAuthentication: 'no',
      PermitRootLogin: 'prohibit-password',
      Subsystem: 'sftp internal-sftp',
      LogLevel: 'VERBOSE',
      ...this.options
    };
    this.process = spawn(
      // Ends with the test's process, however that ends: in a session of its own no Ctrl+C reaches it.
      'setpriv',
      [
        '--pdeathsig=KILL',
        '/usr/sbin/sshd',
        '-D',
        '-e',
        '-f',
        '/dev/null',
        ...Object.entries(options).flatMap(([key, value]) => [
          '-o',
          `${key}=${value}`
        ])
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], detached: true }
    );
    const lines = createInterface({ input: this.process.stderr as Readable });
    lines.on('line', line => this.log.push(line));
    await new Promise<void>((resolve, reject) => {
      lines.on('line', line => {
        if (line.startsWith('Server listening')) {
          resolve();
        }
      });
      lines.once('close', () => reject(new Error(this.log.join('\n'))));
    });
  }

  /** Stop it with all its connections. */
  async down(): Promise<void> {
    const { process: sshd } = this;
    if (
      sshd?.pid === undefined ||
      sshd.exitCode !== null ||
      sshd.signalCode !== null
    ) {
      return;
    }
    const gone = once(sshd, 'exit');
    for (const pid of descendants(sshd.pid)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone by itself.
      }
    }
    sshd.kill('SIGKILL');
    await gone;
  }

  /** Whether a connection is open. */
  get isBusy(): boolean {
    const pid = this.process?.pid;
    return pid !== undefined && descendants(pid).length > 0;
  }

  /** Wait until no connection is open. */
  async quiet(): Promise<void> {
    while (this.isBusy) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  }

  async remove(): Promise<void> {
    await this.down();
    rmSync(this.folder, { recursive: true });
  }

  authorize(line: string): void {
    appendFileSync(join(this.folder, 'authorized_keys'), `${line}\n`);
  }

  newHostKey(): void {
    const file = join(this.folder, 'host_key');
    rmSync(file, { force: true });
    keygen('-q', '-t', 'ed25519', '-N', '', '-f', file);
  }

  /** Have an authority sign the host key; the server shows it from its next start on. */
  certify(): void {
    const authority = join(this.folder, 'authority');
    const file = join(this.folder, 'host_key');
    keygen('-q', '-t', 'ed25519', '-N', '', '-f', authority);
    keygen('-q', '-s', authority, '-I', 'test', '-h', `${file}.pub`);
    this.options.HostCertificate = `${file}-cert.pub`;
  }

  /** A key of a type that `ssh-keygen` knows. */
  makeKey(type: string): {
    privateKey: string;
    publicKey: string;
    fingerprint: string;
  } {
    const file = join(this.folder, `key-${type}`);
    keygen('-q', '-t', type, '-N', '', '-f', file);
    return {
      privateKey: readFileSync(file, 'utf8'),
      publicKey: readFileSync(`${file}.pub`, 'utf8').trim(),
      fingerprint: fingerprintOf(`${file}.pub`)
    };
  }

  get fingerprint(): string {
    return fingerprintOf(join(this.folder, 'host_key.pub'));
  }

  /** TCP connections seen. */
  get connections(): number {
    return this.log.filter(line => line.startsWith('Connection from')).length;
  }

  get logins(): number {
    return this.log.filter(line => line.startsWith('Accepted publickey'))
      .length;
  }
}

function keygen(...argv: string[]): string {
  return execFileSync('ssh-keygen', argv, { encoding: 'utf8' });
}

function fingerprintOf(publicKey: string): string {
  return keygen('-lf', publicKey).split(' ')[1] ?? '';
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/** Connections are processes of their own, in sessions of their own. */
function descendants(pid: number): number[] {
  let listed: string;
  try {
    listed = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  } catch {
    // Gone by itself.
    return [];
  }
  const children = listed.split(' ').filter(Boolean).map(Number);
  return children.flatMap(child => [...descendants(child), child]);
}
