import type { HowToUse } from '@underpass/protocol';

import type { HowToUseContext } from './define.js';

/** As the first line of an SQL cell is read: words split as by a shell, but nothing is expanded. */
export function quoteName(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`;
}

export function sqlCell({ name }: HowToUseContext, sql: string): HowToUse {
  return {
    title: 'SQL cell',
    language: 'sql',
    code: `%%sql ${quoteName(name)} -o df\n${sql}`
  };
}
