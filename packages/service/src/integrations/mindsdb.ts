import { mysqlFamily, mysqlProgram } from './mysqlFamily.js';

export const mindsdb = mysqlFamily({
  id: 'mindsdb',
  label: 'MindsDB',
  // Of its MySQL protocol; that of its editor in the browser is another.
  defaultPort: 47335,
  urlSchemes: ['mindsdb', 'mysql'],
  link: {
    label: "MindsDB's MySQL protocol",
    url: 'https://docs.mindsdb.com/mindsdb_sql/connect/sql-alchemy'
  },
  statement: 'SHOW DATABASES',
  shell: mysqlProgram,
  engine: false,
  certificates: false
});
