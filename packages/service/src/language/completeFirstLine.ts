import type { Completion } from '@underpass/protocol';
import {
  type FirstLine,
  options,
  quote,
  type Word
} from '@underpass/protocol/sqlCell';

import type { Found } from './completeSql.js';

/** What may stand in the first line of a cell: integrations, then options and their values. */
export function completeFirstLine(
  source: string,
  offset: number,
  line: FirstLine,
  integrations: readonly { name: string; label: string }[]
): Found | undefined {
  if (offset <= line.magicEnd) {
    return undefined;
  }
  const typed = line.words.find(
    ({ start, end }) => start < offset && offset <= end
  );
  const start = typed?.start ?? offset;
  const end = typed && closesAt(source, typed, offset) ? typed.end : offset;
  const before = line.words.filter(word => word.end <= start);
  const items = itemsFor(before, integrations);
  const prefix = unquoted(source.slice(start, offset)).toLowerCase();
  return {
    start,
    end,
    items: items
      .filter(({ filter }) => filter.toLowerCase().startsWith(prefix))
      .map(item =>
        isQuote(source[start])
          ? { ...item, filter: `${source[start]}${item.filter}` }
          : item
      ),
    isPartial: false
  };

  function itemsFor(
    words: readonly Word[],
    known: typeof integrations
  ): Completion[] {
    const previous = words.at(-1)?.value ?? '';
    const values = Object.hasOwn(options, previous)
      ? options[previous]
      : undefined;
    if (values) {
      return values.map(value => ({
        text: value,
        filter: value,
        kind: 'value'
      }));
    }
    const { integration } = line;
    if (integration && integration.end <= start) {
      return optionsLeft(line.words);
    }
    return source[start] === '-'
      ? optionsLeft(line.words)
      : known.map(({ name, label }) => ({
          text: quote(name),
          filter: name,
          kind: 'integration',
          detail: label
        }));
  }
}

/** Those that are not there yet, under the name that people write. */
function optionsLeft(words: readonly Word[]): Completion[] {
  const used = words.map(({ value }) => value);
  return Object.keys(options)
    .filter(option => option !== '--output')
    .filter(option => option === '--with' || !used.includes(option))
    .map(option => ({ text: option, filter: option, kind: 'option' }));
}

/** Whether only a closing quote is left of the word behind the cursor. */
function closesAt(source: string, { end }: Word, offset: number): boolean {
  return /^["']?$/.test(source.slice(offset, end));
}

const isQuote = (character: string | undefined) =>
  character === '"' || character === "'";

const unquoted = (typed: string) => typed.replace(/^["']/, '');
