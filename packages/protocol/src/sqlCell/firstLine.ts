/**
 * The first line of an SQL cell: `%%sql <integration> [-o NAME] …`, quoted like in a shell.
 *
 * The line is the only truth about a cell. It is never rewritten as a whole: changes replace the one word that
 * changed, so that spacing, order and options that are not known here stay what their author wrote.
 */
import { splitWords, type Word } from './words.js';

export interface FirstLine {
  /** As it is written, without the line break. */
  text: string;
  /** What it covers in the source, without the line break. */
  end: number;
  /** Offset after the magic's name, where words are inserted. */
  magicEnd: number;
  /** All of them behind the magic's name. */
  words: readonly Word[];
  integration: Word | null;
  /** Name of the variable that receives the result, with the option it belongs to. */
  output: { option: Word; name: Word | null } | null;
  /** All other options, with their values, as they are written. */
  options: readonly string[];
  /** A quote is not closed. */
  malformed: boolean;
  /** Names that are not the integration's: one too many. */
  surplus: readonly Word[];
  /** It names a connection as other extensions do that have a `%%sql`: by URL. */
  foreign: boolean;
  /** Everything in it is understood: nothing is hidden from its reader where it is shown otherwise. */
  understood: boolean;
}

const magic = /^%%(?:sql|underpass)(?=[ \t\r\n]|$)/;

/** Options, with what may be their value: undefined for none, an empty list for what only the author knows. */
export const options: {
  readonly [option: string]: readonly string[] | undefined;
} = {
  '-o': [],
  '--output': [],
  '--frame': ['pandas', 'polars', 'arrow'],
  '--limit': ['10', '100', '1000'],
  '--decimals': ['decimal', 'float'],
  '--max-memory': ['500MB', '2GB', '8GB'],
  '--with': [],
  '--write': undefined
};
const outputOptions = ['-o', '--output'];

/** Parse a cell's source; null where it is no SQL cell. */
export function parseFirstLine(source: string): FirstLine | null {
  const found = magic.exec(source);
  if (!found) {
    return null;
  }
  const magicEnd = found[0].length;
  const end = /\r?\n|$/.exec(source)?.index ?? source.length;
  const text = source.slice(0, end);
  const words = splitWords(text, magicEnd);
  const malformed = words.some(({ open }) => open);
  const { output, options, names, known } = sort(words, text);
  const [integration = null, ...surplus] = names;
  const foreign = integration?.value.includes('://') ?? false;
  return {
    text,
    end,
    magicEnd,
    words,
    integration,
    output,
    options,
    malformed,
    // What follows an option that is not known may be its value.
    surplus: known ? surplus : [],
    foreign,
    understood:
      known &&
      !malformed &&
      !foreign &&
      integration !== null &&
      surplus.length === 0 &&
      output?.name !== null
  };
}

interface Sorted {
  output: FirstLine['output'];
  options: string[];
  names: Word[];
  /** All options are ones of ours, and have their values. */
  known: boolean;
}

/** Tell options from names. */
function sort(words: readonly Word[], text: string): Sorted {
  const sorted: Sorted = { output: null, options: [], names: [], known: true };
  const left = [...words];
  for (let word = left.shift(); word; word = left.shift()) {
    const attached = attachedName(word);
    if (attached) {
      sorted.output = { option: word, name: attached };
    } else if (outputOptions.includes(word.value)) {
      // The last one holds, as in Python.
      sorted.output = { option: word, name: left.shift() ?? null };
    } else if (word.value.startsWith('-')) {
      const [name = ''] = word.value.split('=', 1);
      const takes = takesValue(name);
      const value = takes && name === word.value ? left.shift() : word;
      sorted.options.push(text.slice(word.start, (value ?? word).end));
      sorted.known &&= takes
        ? value !== undefined
        : Object.hasOwn(options, word.value);
    } else {
      sorted.names.push(word);
    }
  }
  return sorted;
}

/** Whether the next word is an option's value, not the integration. */
const takesValue = (option: string) =>
  Object.hasOwn(options, option) && options[option] !== undefined;

/** The name in `--output=NAME` or `-oNAME`. */
function attachedName({ start, end, value, open }: Word): Word | null {
  const prefix = /^(?:--output=|-o(?!$))/.exec(value)?.[0];
  return prefix === undefined
    ? null
    : {
        start: start + prefix.length,
        end,
        value: value.slice(prefix.length),
        open
      };
}
