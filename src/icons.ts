import { LabIcon } from '@jupyterlab/ui-components';

import egressSvg from '../style/icons/egress.svg';
import keySvg from '../style/icons/key.svg';
import bigquerySvg from '../style/icons/types/bigquery.svg';
import clickhouseSvg from '../style/icons/types/clickhouse.svg';
import dremioSvg from '../style/icons/types/dremio.svg';
import mariadbSvg from '../style/icons/types/mariadb.svg';
import mindsdbSvg from '../style/icons/types/mindsdb.svg';
import mongodbSvg from '../style/icons/types/mongodb.svg';
import mysqlSvg from '../style/icons/types/mysql.svg';
import postgresqlSvg from '../style/icons/types/postgresql.svg';
import redshiftSvg from '../style/icons/types/redshift.svg';
import snowflakeSvg from '../style/icons/types/snowflake.svg';
import sqlserverSvg from '../style/icons/types/sqlserver.svg';
import sshTunnelSvg from '../style/icons/types/ssh-tunnel.svg';
import trinoSvg from '../style/icons/types/trino.svg';
import underpassSvg from '../style/icons/underpass.svg';

export const underpassIcon = new LabIcon({
  name: 'underpass:underpass',
  svgstr: underpassSvg
});

export const egressIcon = new LabIcon({
  name: 'underpass:egress',
  svgstr: egressSvg
});

export const keyIcon = new LabIcon({ name: 'underpass:key', svgstr: keySvg });

/** By id of the type. The shape says what kind of system it is, the letters which one. */
const typeIcons = new Map(
  Object.entries({
    bigquery: bigquerySvg,
    clickhouse: clickhouseSvg,
    dremio: dremioSvg,
    mariadb: mariadbSvg,
    mindsdb: mindsdbSvg,
    mongodb: mongodbSvg,
    mysql: mysqlSvg,
    postgresql: postgresqlSvg,
    redshift: redshiftSvg,
    snowflake: snowflakeSvg,
    sqlserver: sqlserverSvg,
    'ssh-tunnel': sshTunnelSvg,
    trino: trinoSvg
  }).map(([type, svgstr]) => [
    type,
    new LabIcon({ name: `underpass:type-${type}`, svgstr })
  ])
);

/** The icon of a type of integration; that of Underpass for one that is not known here. */
export function typeIcon(type: string): LabIcon {
  return typeIcons.get(type) ?? underpassIcon;
}
