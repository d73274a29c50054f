import { mariadbProgram, mysqlFamily } from './mysqlFamily.js';

export const mariadb = mysqlFamily({
  id: 'mariadb',
  label: 'MariaDB',
  defaultPort: 3306,
  urlSchemes: ['mariadb', 'mysql'],
  link: {
    label: 'Secure connections in MariaDB',
    url: 'https://mariadb.com/kb/en/secure-connections-overview/'
  },
  statement: 'SELECT version()',
  shell: mariadbProgram,
  engine: true,
  certificates: true
});
