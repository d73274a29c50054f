import { mysqlFamily, mysqlProgram } from './mysqlFamily.js';

export const mysql = mysqlFamily({
  id: 'mysql',
  label: 'MySQL',
  defaultPort: 3306,
  urlSchemes: ['mysql'],
  link: {
    label: 'Encrypted connections in MySQL',
    url: 'https://dev.mysql.com/doc/refman/8.4/en/encrypted-connections.html'
  },
  statement: 'SELECT version()',
  shell: mysqlProgram,
  engine: true,
  certificates: true
});
