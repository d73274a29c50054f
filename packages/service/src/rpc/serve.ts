import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { type Ending, protocolVersion } from '@underpass/protocol';

import { keepJournal } from '../log/journal.js';
import { Log } from '../log/log.js';
import { Service } from '../service.js';
import { asFailure } from '../serviceError.js';
import { version } from '../version.js';
import { findPaths, type Paths } from '../workspace/paths.js';
import { Lingering, lingeringTime } from './lingering.js';
import type { Place } from './place.js';
import { watchPresence } from './presence.js';
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
      await start(paths, place);
    }
    say({ socket: paths.socket, pid: process.pid });
  } catch (error) {
    say({ failure: asFailure(error) });
    throw error;
  }
}

async function start(paths: Paths, place: Place): Promise<void> {
  const log = new Log(paths.log);
  // The terminal or kernel that started us may go; we serve others.
  process.on('SIGHUP', () => undefined);
  const service = new Service(paths);
  keepJournal(service, log);
  const servers: Server[] = [];
  let ending = false;
  const end = async (
    why: string,
    reason: Ending['reason'] = 'stopped'
  ): Promise<void> => {
    if (ending) {
      return;
    }
    ending = true;
    log.info('ending', { why });
    if (place.isOurs) {
      // Closing removes the socket, which is another's otherwise.
      servers.forEach(server => server.close());
    }
    service.emit('ending', { reason });
    service.tests.close();
    service.catalogs.clear();
    service.tunnels.close();
    await pause(farewell);
    log.info('ended', { why });
    process.exit(reason === 'stopped' ? 0 : 1);
  };
  surviveErrors(log, () => end('an unforeseen error', 'failed'));
  await service.tunnels.restore();
  const lingering = new Lingering(service, lingeringTime(process.env));
  const listenOnce = async () => {
    const server = await listen(service);
    servers.push(server);
    lingering.observe(server);
  };
  await listenOnce();
  log.info('listening', {
    pid: process.pid,
    version,
    protocol: protocolVersion,
    node: process.version,
    workspace: paths.home
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void end(signal));
  }
  service.on('stop', why => void end(why));
  if (process.platform !== 'win32') {
    watchPresence(place, paths.socket, {
      listenAgain: listenOnce,
      replaced: () => void end('another service has taken the place', 'failed')
    });
  }
}

/**
 * A promise that nobody waited for concerns one thing that did not work: it is written down, and the service goes on.
 * After an exception that nobody caught, code was left in the middle of what it did, and no state can be relied on: a
 * service that knows other people's secrets does not go on with that. It ends in order, and clients start it anew.
 */
function surviveErrors(log: Log, end: () => Promise<void>): void {
  process.on('unhandledRejection', error =>
    log.error('unhandled-rejection', error)
  );
  process.on('uncaughtException', error => {
    log.error('uncaught-exception', error);
    end().catch(() => process.exit(1));
  });
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
