import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { Service } from '../service.js';
import { asFailure } from '../serviceError.js';
import { findPaths } from '../workspace/paths.js';
import { lingeringTime, stopWhenUnused } from './lingering.js';
import { listen } from './server.js';
import { takePlace } from './singleInstance.js';

/** Milliseconds for farewells to clients and bastions. */
const farewell = 300;

/**
 * Be the service, unless there is one. Prints one line of JSON to stdout: `pid` once a service listens, this one or
 * the other, or `failure`. Whoever started this process waits for that line.
 */
export async function serve(): Promise<void> {
  closeToOthers();
  process.stdout.on('error', () => undefined);
  try {
    const paths = findPaths();
    const place = await takePlace(paths);
    if (place) {
      process.once('exit', () => place.release());
      await start(new Service(paths));
    }
    say({ socket: paths.socket, pid: process.pid });
  } catch (error) {
    say({ failure: asFailure(error) });
    throw error;
  }
}

async function start(service: Service): Promise<void> {
  // The terminal or kernel that started us may go; we serve others.
  process.on('SIGHUP', () => undefined);
  let ending = false;
  const end = async (reason: 'stopped' | 'failed', code: number) => {
    if (ending) {
      return;
    }
    ending = true;
    server.close();
    service.emit('ending', { reason });
    service.tunnels.close();
    await pause(farewell);
    process.exit(code);
  };
  await service.tunnels.restore();
  const server = await listen(service);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void end('stopped', 0));
  }
  service.on('stop', () => void end('stopped', 0));
  stopWhenUnused(service, server, lingeringTime(process.env));
}

/**
 * What this process holds in memory is for nobody: no files but for the user, no debugger upon a signal, no core file
 * (the launchers see to that, too; not everybody starts it by them).
 */
function closeToOthers(): void {
  process.umask(0o077);
  process.on('SIGUSR1', () => undefined);
  if (process.platform === 'linux' && coreLimit() !== '1') {
    spawnSync('prlimit', ['--pid', String(process.pid), '--core=1:1'], {
      stdio: 'ignore'
    });
  }
}

function coreLimit(): string | undefined {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return /^Max core file size\s+(\S+)/m.exec(limits)?.[1];
  } catch {
    return undefined;
  }
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
