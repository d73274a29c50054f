import type { HowToUse } from '@underpass/protocol';

import type { HowToUseContext } from './define.js';

/** The first line of an SQL cell quotes like a shell: only what needs it. */
export function quoteName(name: string): string {
  return /^[\w.-]+$/.test(name)
    ? name
    : `"${name.replace(/["\\$`]/g, '\\$&')}"`;
}

export function sqlCell({ name }: HowToUseContext, sql: string): HowToUse {
  return {
    title: 'SQL cell',
    language: 'sql',
    code: `%%sql ${quoteName(name)} -o df\n${sql}`
  };
}
