import type { Results, TextPosition } from '@underpass/protocol';
import { parseFirstLine } from '@underpass/protocol/sqlCell';

import { completeFirstLine } from './completeFirstLine.js';
import { completeMongo } from './completeMongo.js';
import { completeSql, type Found } from './completeSql.js';
import { dialectOf } from './dialect.js';
import { type Names, noNames } from './names.js';

/** Of the DataFrames of a kernel; nobody's integration has this name. */
export const dataFrames = 'duckdb';

export interface Cell extends TextPosition {
  text: string;
}

/** What a cell's first line may name. */
export interface Known {
  name: string;
  label: string;
  type: string;
  names: Names;
}

/**
 * @param databases those with SQL cells
 * @param find by a name as cells write it
 */
export function complete(
  { text, line, character }: Cell,
  databases: readonly { name: string; label: string }[],
  find: (name: string) => Known | undefined
): Omit<Results['underpass/language/complete'], 'isReading'> {
  const offset = offsetAt(text, { line, character });
  const found = look(text, offset, databases, find) ?? {
    start: offset,
    end: offset,
    items: [],
    isPartial: false
  };
  return {
    range: {
      start: positionAt(text, found.start),
      end: positionAt(text, found.end)
    },
    items: found.items,
    isIncomplete: found.isPartial
  };
}

function look(
  text: string,
  offset: number,
  databases: readonly { name: string; label: string }[],
  find: (name: string) => Known | undefined
): Found | undefined {
  const first = parseFirstLine(text);
  if (!first) {
    return undefined;
  }
  if (offset <= first.end) {
    return completeFirstLine(text, offset, first, [
      ...databases,
      { name: dataFrames, label: 'DataFrames' }
    ]);
  }
  const name = first.integration?.value;
  if (name?.toLowerCase() === dataFrames) {
    return completeSql(text, offset, first.end, dialectOf(dataFrames), noNames);
  }
  const known = name === undefined ? undefined : find(name);
  return known?.type === 'mongodb'
    ? completeMongo(text, offset, first.end, known.names)
    : completeSql(
        text,
        offset,
        first.end,
        dialectOf(known?.type),
        known?.names ?? noNames
      );
}

function offsetAt(text: string, { line, character }: TextPosition): number {
  let start = 0;
  for (let at = 0; at < line; at++) {
    const end = text.indexOf('\n', start);
    if (end < 0) {
      return text.length;
    }
    start = end + 1;
  }
  const end = text.indexOf('\n', start);
  return Math.min(start + character, end < 0 ? text.length : end);
}

function positionAt(text: string, offset: number): TextPosition {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf('\n') + 1;
  return {
    line: before.split('\n').length - 1,
    character: offset - start
  };
}
