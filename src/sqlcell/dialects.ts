import { reserved } from './names';

/** Of SQL in general. */
const standard = 'text/x-sql';

/** MIME types of JupyterLab's languages by type of integration: the dialect, or the nearest that there is. */
const mimeTypes: { [type: string]: string } = {
  postgresql: 'text/x-pgsql',
  redshift: 'text/x-pgsql',
  // Like PostgreSQL in its casts and in text between dollars.
  snowflake: 'text/x-pgsql',
  [reserved.dataFrames]: 'text/x-pgsql',
  sqlserver: 'text/x-mssql',
  mysql: 'text/x-mysql',
  mindsdb: 'text/x-mysql',
  // Like MySQL in backticks, text in double quotes and comments that begin with #.
  bigquery: 'text/x-mysql',
  mariadb: 'text/x-mariadb',
  // Cells hold what is typed into mongosh.
  mongodb: 'text/javascript'
};

/** The MIME type of the cells of a type; that of SQL in general where it is not known. */
export function mimeTypeFor(type: string | undefined): string {
  return (type === undefined ? undefined : mimeTypes[type]) ?? standard;
}
