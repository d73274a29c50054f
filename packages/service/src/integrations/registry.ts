import { fail } from '../serviceError.js';
import { bigquery } from './bigquery.js';
import { clickhouse } from './clickhouse.js';
import type { IntegrationDefinition } from './define.js';
import { dremio } from './dremio.js';
import { mariadb } from './mariadb.js';
import { mindsdb } from './mindsdb.js';
import { mongodb } from './mongodb.js';
import { mysql } from './mysql.js';
import { postgresql } from './postgresql.js';
import { redshift } from './redshift.js';
import { sqlserver } from './sqlserver.js';
import { snowflake } from './snowflake.js';
import { sshTunnel } from './sshTunnel.js';
import { trino } from './trino.js';

/** Every type of integration, in the order that front ends show them. */
export const definitions: readonly IntegrationDefinition[] = [
  postgresql,
  sqlserver,
  redshift,
  mongodb,
  mysql,
  mariadb,
  mindsdb,
  dremio,
  trino,
  clickhouse,
  snowflake,
  bigquery,
  sshTunnel
];

export function definitionOf(type: string): IntegrationDefinition {
  const definition = definitions.find(candidate => candidate.id === type);
  if (!definition) {
    throw fail(
      'unknown-type',
      'request',
      `There is no type of integration called "${type}".`,
      `Use one of: ${definitions.map(({ id }) => id).join(', ')}.`,
      { field: 'type' }
    );
  }
  return definition;
}
