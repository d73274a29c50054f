/**
 * How the content of a precious file is read: by version, and entry by entry where it is damaged.
 */
import type { z } from 'zod';

export type Content = { [member: string]: unknown };

/** Leads from one version of a format to the next. The content may be damaged: it is not looked at closely. */
export type Migration = (content: Content) => Content;

export interface Salvaged<T> {
  value: T;
  /** What was not as it should be and what became of it, one sentence each. Without values: they go into logs. */
  lost: string[];
}

export interface Format<T> {
  empty: T;
  /**
   * What counts when something else than this program has changed the file and it can still be read: people may edit
   * a list of theirs, but not what is encrypted.
   */
  outsideChange: 'taken' | 'undone';
  /** The first leads from version 1 to version 2, and so on; the version that is written is one more than these. */
  migrations: readonly Migration[];
  /**
   * Take what can be read.
   * @param lastGood the last good copy, which fills gaps
   */
  salvage(content: Content, lastGood: T | undefined): Salvaged<T>;
}

export function isContent(value: unknown): value is Content {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list, entry by entry. */
export interface ListSalvage<T> {
  /** In words, such as `integration`. */
  what: string;
  /** The member's name in the file. */
  member: string;
  schema: z.ZodType<T>;
  lastGood: readonly T[] | undefined;
  /** What an entry is called by people, where that much can be read. */
  nameOf(entry: unknown): string | undefined;
  /** What tells one entry from all others, where that much can be read. */
  keyOf(entry: unknown): string | undefined;
}

export function salvageList<T>(
  list: unknown,
  { what, member, schema, lastGood, nameOf, keyOf }: ListSalvage<T>,
  lost: string[]
): T[] {
  if (!Array.isArray(list)) {
    lost.push(sectionLost(member, lastGood));
    return [...(lastGood ?? [])];
  }
  const parsed = list.map(entry => ({
    entry: entry as unknown,
    result: schema.safeParse(entry)
  }));
  const keys = new Set(
    parsed.flatMap(({ entry, result }) =>
      result.success ? [keyOf(entry)] : []
    )
  );
  const missing = (lastGood ?? []).filter(entry => !keys.has(keyOf(entry)));
  return parsed.flatMap(({ entry, result }, index) => {
    if (result.success) {
      return [result.data];
    }
    // The one with the same key, else the one at the same place: a damaged entry may have lost its key.
    const found =
      missing.find(good => keyOf(good) === keyOf(entry)) ??
      missing.find(good => good === lastGood?.[index]);
    const name = nameOf(found) ?? nameOf(entry);
    const called = name === undefined ? `A ${what}` : `The ${what} "${name}"`;
    if (!found) {
      lost.push(`${called} can not be read and is left out.`);
      return [];
    }
    missing.splice(missing.indexOf(found), 1);
    lost.push(`${called} was damaged; its last good copy is used.`);
    return [found];
  });
}

/** What is kept by name, entry by entry. */
export function salvageRecord<T>(
  record: unknown,
  {
    what,
    member,
    schema,
    lastGood
  }: {
    what: string;
    member: string;
    schema: z.ZodType<T>;
    lastGood: { readonly [name: string]: T } | undefined;
  },
  lost: string[]
): { [name: string]: T } {
  if (!isContent(record)) {
    lost.push(sectionLost(member, lastGood));
    return { ...lastGood };
  }
  const entries: [string, T][] = [];
  for (const [name, entry] of Object.entries(record)) {
    const result = schema.safeParse(entry);
    const found =
      lastGood && Object.hasOwn(lastGood, name) ? lastGood[name] : undefined;
    if (result.success) {
      entries.push([name, result.data]);
    } else if (found === undefined) {
      lost.push(`The ${what} "${name}" can not be read and is left out.`);
    } else {
      lost.push(
        `The ${what} "${name}" was damaged; its last good copy is used.`
      );
      entries.push([name, found]);
    }
  }
  return Object.fromEntries(entries);
}

function sectionLost(member: string, lastGood: unknown): string {
  return lastGood === undefined
    ? `All of "${member}" can not be read and is left out.`
    : `All of "${member}" can not be read; the last good copy is used.`;
}
