import type { HowToUse } from '@underpass/protocol';

import type { HowToUseContext } from './define.js';

/** As the first line of an SQL cell is read: words split as by a shell, but nothing is expanded. */
export function quoteName(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`;
}

/** Whether SQLAlchemy can be used: `underpass.engine` knows a dialect. */
export interface InPython {
  engine: boolean;
}

/**
 * What works for every database, with or without a tunnel: cells, and Python by way of our own package, to which the
 * integration's name says all.
 */
export function databaseTexts(
  context: HowToUseContext,
  statement: string,
  { engine }: InPython
): HowToUse[] {
  return [
    sqlCell(context, statement),
    dataFrame(context, statement),
    connection(context, statement),
    ...(engine ? [sqlAlchemy(context, statement)] : [])
  ];
}

function sqlCell({ name }: HowToUseContext, sql: string): HowToUse {
  return {
    title: 'SQL cell',
    language: 'sql',
    code: `%%sql ${quoteName(name)} -o df\n${sql}`
  };
}

function dataFrame({ name }: HowToUseContext, sql: string): HowToUse {
  return {
    title: 'DataFrame',
    language: 'python',
    code: [
      'import underpass',
      '',
      'df = underpass.sql(',
      `    ${pythonText(sql)},`,
      `    integration=${pythonText(name)},`,
      ')'
    ].join('\n')
  };
}

function connection({ name }: HowToUseContext, sql: string): HowToUse {
  return {
    title: 'Connection (DB-API)',
    language: 'python',
    code: [
      'import underpass',
      '',
      `with underpass.connect(${pythonText(name)}) as connection:`,
      '    cursor = connection.cursor()',
      `    cursor.execute(${pythonText(sql)})`,
      '    rows = cursor.fetchall()'
    ].join('\n')
  };
}

function sqlAlchemy({ name }: HowToUseContext, sql: string): HowToUse {
  return {
    title: 'pandas and SQLAlchemy',
    language: 'python',
    code: [
      'import pandas as pd',
      'import underpass',
      '',
      `engine = underpass.engine(${pythonText(name)})`,
      `df = pd.read_sql(${pythonText(sql)}, engine)`
    ].join('\n')
  };
}

/** JSON's texts are Python's, too. */
export function pythonText(text: unknown): string {
  return JSON.stringify(text);
}
