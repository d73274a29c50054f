/**
 * Whether what listens on the local ports is the service.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

import { type Check, failed, ok } from './finding.js';

export const ports: Check = {
  name: 'ports',
  needsService: true,
  look: async ({ service: connect }) => {
    const { pid, forwards } = await (
      await connect()
    ).request('underpass/status', {});
    if (forwards.length === 0) {
      return [ok('There are no forwards.')];
    }
    if (process.platform !== 'linux') {
      return [ok(`Open forwards: ${forwards.length}.`)];
    }
    const own = socketsOf(pid);
    const foreign = forwards.filter(
      ({ localPort }) => !own.has(listenerOf(localPort) ?? '')
    );
    return foreign.length === 0
      ? [
          ok(
            `The service listens on all local ports of forwards: ${forwards.length}.`
          )
        ]
      : foreign.map(({ integration, localPort }) =>
          failed(
            `Port ${localPort} of "${integration}" is not listened on by the service.`,
            'End what has taken it, then: underpass stop'
          )
        );
  }
};

const listening = '0A';

/** Inode of the socket that listens on the port of 127.0.0.1. */
function listenerOf(port: number): string | undefined {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (fields[1] === local && fields[3] === listening) {
      return fields[9];
    }
  }
  return undefined;
}

function socketsOf(pid: number): Set<string> {
  const folder = `/proc/${pid}/fd`;
  return new Set(
    readdirSync(folder).flatMap(name => {
      try {
        return (
          /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${name}`))?.[1] ??
          []
        );
      } catch {
        // Closed in the meantime.
        return [];
      }
    })
  );
}
