/**
 * A real session bus with a real GNOME Keyring for tests, away from the desktop of whoever runs them.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

const password = 'password of the login keyring\n';
const loginKeyring = '/org/freedesktop/secrets/collection/login';

export class DesktopSession {
  readonly folder = mkdtempSync(join(tmpdir(), 'underpass-desktop-'));
  private bus: ChildProcess | undefined;
  private keyring: ChildProcess | undefined;

  private constructor() {}

  /** Programs that are started from now on find its bus. */
  static async start(): Promise<DesktopSession> {
    const session = new DesktopSession();
    for (const name of ['data', 'run', 'control']) {
      mkdirSync(join(session.folder, name), { mode: 0o700 });
    }
    await session.startBus();
    await session.startKeyring();
    return session;
  }

  /** Nothing is started by the bus itself: neither another keyring nor a window that asks for its password. */
  private async startBus(): Promise<void> {
    const configuration = join(this.folder, 'bus.conf');
    writeFileSync(
      configuration,
      `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${join(this.folder, 'bus')}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>`
    );
    this.bus = spawn(
      'dbus-daemon',
      ['--nofork', '--print-address', `--config-file=${configuration}`],
      { stdio: ['ignore', 'pipe', 'ignore'] }
    );
    const lines = createInterface({ input: this.bus.stdout as Readable });
    const [address] = (await once(lines, 'line')) as [string];
    process.env.DBUS_SESSION_BUS_ADDRESS = address;
  }

  async startKeyring(): Promise<void> {
    this.keyring = spawn(
      'gnome-keyring-daemon',
      [
        '--foreground',
        '--unlock',
        '--components=secrets',
        `--control-directory=${join(this.folder, 'control')}`
      ],
      {
        env: {
          ...process.env,
          XDG_DATA_HOME: join(this.folder, 'data'),
          XDG_RUNTIME_DIR: join(this.folder, 'run')
        },
        stdio: ['pipe', 'ignore', 'ignore']
      }
    );
    this.keyring.stdin?.end(password);
    for (let tries = 0; ; tries++) {
      try {
        this.call('ReadAlias', 'string:default');
        return;
      } catch (error) {
        if (tries > 200) {
          throw error;
        }
        await pause(25);
      }
    }
  }

  async stopKeyring(): Promise<void> {
    const { keyring } = this;
    if (keyring && keyring.exitCode === null && keyring.signalCode === null) {
      const gone = once(keyring, 'exit');
      keyring.kill('SIGKILL');
      await gone;
    }
  }

  lock(): void {
    this.call('Lock', `array:objpath:${loginKeyring}`);
  }

  /** It is there and does not answer. */
  freeze(): void {
    this.keyring?.kill('SIGSTOP');
  }

  thaw(): void {
    this.keyring?.kill('SIGCONT');
  }

  async close(): Promise<void> {
    delete process.env.DBUS_SESSION_BUS_ADDRESS;
    await this.stopKeyring();
    if (this.bus?.exitCode === null) {
      const gone = once(this.bus, 'exit');
      this.bus.kill('SIGKILL');
      await gone;
    }
    rmSync(this.folder, { recursive: true });
  }

  private call(method: string, ...args: string[]): void {
    execFileSync(
      'dbus-send',
      [
        '--session',
        '--print-reply',
        '--dest=org.freedesktop.secrets',
        '/org/freedesktop/secrets',
        `org.freedesktop.Secret.Service.${method}`,
        ...args
      ],
      { stdio: 'ignore' }
    );
  }
}
