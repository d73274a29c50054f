import type { BetterType } from '@underpass/protocol';

import type { Fields } from './define.js';
import { definitionOf } from './registry.js';

/** Ports at which systems with a type of their own usually listen, and the port to fill in where it is another one. */
const usual: { [port: number]: { type: string; port?: number } } = {
  1433: { type: 'sqlserver' },
  3306: { type: 'mysql' },
  5432: { type: 'postgresql' },
  5439: { type: 'redshift' },
  // PgBouncer.
  6432: { type: 'postgresql' },
  8123: { type: 'clickhouse' },
  // Of Dremio's web pages, and of drivers that are not used here.
  9047: { type: 'dremio', port: 32010 },
  31010: { type: 'dremio', port: 32010 },
  32010: { type: 'dremio' },
  // ClickHouse's own protocol; this speaks HTTP.
  9000: { type: 'clickhouse', port: 8123 },
  27017: { type: 'mongodb' },
  47334: { type: 'mindsdb', port: 47335 },
  47335: { type: 'mindsdb' }
};

/** The type that would do more than a plain tunnel to this port, with its form filled in; undefined if none. */
export function betterType(
  fields: Fields,
  isOffered: (type: string) => boolean
): BetterType | undefined {
  const remotePort = Number(fields.remotePort);
  const found = usual[remotePort];
  if (!found || !isOffered(found.type)) {
    return undefined;
  }
  return {
    type: found.type,
    label: definitionOf(found.type).label,
    port: remotePort,
    fields: {
      host: fields.remoteHost ?? '',
      port: found.port ?? remotePort,
      sshEnabled: true,
      sshHost: fields.sshHost ?? '',
      sshPort: fields.sshPort ?? 22,
      sshUser: fields.sshUser ?? ''
    }
  };
}
