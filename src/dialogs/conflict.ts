import type { IntegrationType } from '@underpass/protocol';

import { isSame } from './draft';
import type { IState } from './editDraft';
import { titleOf } from './formSchema';

/** A field that somebody else has changed. */
export interface IDifference {
  /** What people call it; null for a secret, or what has no name in the form. */
  title: string;
  field: string;
  /** What it was, and is now, where that can be shown on a line. */
  was: string | null;
  is: string | null;
  /** It was changed here, too, in another way. */
  isDisputed: boolean;
}

/** What differs between two states, and what of it `mine` differs in as well. */
export function differences(
  type: IntegrationType,
  base: IState,
  theirs: IState,
  mine: IState
): IDifference[] {
  const was = flat(base);
  const is = flat(theirs);
  const typed = flat(mine);
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter(field => !isSame(was[field], is[field]))
    .map(field => ({
      field,
      title: titleOf(type, field),
      was: shown(was[field]),
      is: shown(is[field]),
      isDisputed:
        !isSame(typed[field], was[field]) && !isSame(typed[field], is[field])
    }));
}

/** Their state, with what was changed here put on top of it. */
export function merged(base: IState, theirs: IState, mine: IState): IState {
  const put = <T extends { [key: string]: unknown }>(was: T, is: T, typed: T) =>
    Object.fromEntries(
      [...new Set([...Object.keys(is), ...Object.keys(typed)])]
        .map(key => [key, isSame(typed[key], was[key]) ? is[key] : typed[key]])
        .filter(([, value]) => value !== undefined)
    ) as T;
  return {
    values: put(base.values, theirs.values, mine.values),
    marks: put({ ...base.marks }, { ...theirs.marks }, { ...mine.marks }),
    aliases: theirs.aliases.filter(
      alias => !base.aliases.includes(alias) || mine.aliases.includes(alias)
    )
  };
}

function flat({ values, marks, aliases }: IState): {
  [field: string]: unknown;
} {
  return { ...values, ...marks, aliases };
}

/** Certificates and the like are too long to compare by eye. */
function shown(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return value.length <= 60 && !value.includes('\n') ? value : null;
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return null;
  }
}
