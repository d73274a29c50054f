/**
 * Lines of the service's log: one JSON object each, or the plain text of a process that could not even start.
 */
import { type Line, paint, type Painted, type Style } from '../screen.js';

export const levels = ['info', 'warning', 'error'] as const;
export type Level = (typeof levels)[number];

export interface Entry {
  /** Milliseconds since 1970; undefined where the line does not say. */
  time: number | undefined;
  level: Level | undefined;
  event: string;
  rest: { [name: string]: unknown };
}

export function parseEntry(line: string): Entry {
  const read = object(line);
  if (!read) {
    return { time: undefined, level: undefined, event: line, rest: {} };
  }
  const { time, level, event, ...rest } = read;
  const at = typeof time === 'string' ? Date.parse(time) : Number(time);
  return {
    time: Number.isNaN(at) ? undefined : at,
    level: levels.find(known => known === level),
    event: typeof event === 'string' ? event : '',
    rest
  };
}

function object(line: string): { [name: string]: unknown } | undefined {
  try {
    const read: unknown = JSON.parse(line);
    return typeof read === 'object' && read !== null && !Array.isArray(read)
      ? { ...read }
      : undefined;
  } catch {
    return undefined;
  }
}

/** What does not say when it was or how bad it is, is shown: it may be why nothing works. */
export function isWanted(
  { time, level }: Entry,
  since: number | undefined,
  least: Level
): boolean {
  return (
    (since === undefined || time === undefined || time >= since) &&
    (level === undefined || levels.indexOf(level) >= levels.indexOf(least))
  );
}

const styles: Record<Level, Style> = {
  info: 'good',
  warning: 'warning',
  error: 'bad'
};

export function describeEntry({ time, level, event, rest }: Entry): Line {
  const when = time === undefined ? [] : [paint('quiet', `${local(time)} `)];
  const how: Painted[] = level
    ? [paint(styles[level], `${level.padEnd(7)} `)]
    : [];
  return [...when, ...how, [event, ...details(rest)].join(' ')];
}

function details(rest: Entry['rest']): string[] {
  return Object.entries(rest).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `${name}=${/[\s"]/.test(text) ? JSON.stringify(text) : text}`;
  });
}

/** `2026-01-31 13:05:09.120` in the zone of the person who reads it. */
function local(time: number): string {
  const shifted = time - new Date(time).getTimezoneOffset() * 60_000;
  return new Date(shifted).toISOString().replace('T', ' ').replace('Z', '');
}
