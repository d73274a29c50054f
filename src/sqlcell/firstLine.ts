/**
 * The first line of an SQL cell: `%%sql <integration> [-o NAME] …`, quoted like in a shell.
 *
 * The line is the only truth about a cell. It is never rewritten as a whole: changes replace the one word that
 * changed, so that spacing, order and options that are not known here stay what their author wrote.
 */
import type { Word } from './words';
import { quote, splitWords } from './words';

export interface FirstLine {
  /** As it is written, without the line break. */
  text: string;
  /** What it covers in the source, without the line break. */
  end: number;
  /** Offset after the magic's name, where words are inserted. */
  magicEnd: number;
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

/** Replace what lies between two offsets of the source. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

const magic = /^%%(?:sql|underpass)(?=[ \t\r\n]|$)/;
const outputOptions = ['-o', '--output'];
/** Options whose next word is their value, not the integration. */
const optionsWithValue = [
  '--decimals',
  '--frame',
  '--limit',
  '--max-memory',
  '--with'
];
const flags = ['--write'];

/** Parse a cell's source; null where it is no SQL cell. */
export function parseFirstLine(source: string): FirstLine | null {
  const found = magic.exec(source);
  if (!found) {
    return null;
  }
  const magicEnd = found[0].length;
  const end = /\r?\n|$/.exec(source)!.index;
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

/** Name the integration. */
export function setIntegration(line: FirstLine, name: string): Edit {
  if (line.integration) {
    const { start, end } = line.integration;
    return { start, end, text: quote(name) };
  }
  return { start: line.magicEnd, end: line.magicEnd, text: ` ${quote(name)}` };
}

/** Name the variable that receives the result; '' takes the option away. */
export function setOutput(line: FirstLine, name: string): Edit {
  const { output } = line;
  if (name === '') {
    if (!output) {
      return { start: line.end, end: line.end, text: '' };
    }
    // With the space before it, so that none is left over.
    const start = output.option.start - 1;
    return { start, end: (output.name ?? output.option).end, text: '' };
  }
  if (output?.name) {
    return {
      start: output.name.start,
      end: output.name.end,
      text: quote(name)
    };
  }
  const at = output?.option.end ?? line.integration?.end ?? line.magicEnd;
  const option = output ? '' : ' -o';
  return { start: at, end: at, text: `${option} ${quote(name)}` };
}

/** The source with an edit made. */
export function applyEdit(source: string, { start, end, text }: Edit): string {
  return source.slice(0, start) + text + source.slice(end);
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
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    const attached = attachedName(word);
    if (attached) {
      sorted.output = { option: word, name: attached };
    } else if (outputOptions.includes(word.value)) {
      // The last one holds, as in Python.
      sorted.output = { option: word, name: words[++index] ?? null };
    } else if (word.value.startsWith('-')) {
      const [name] = word.value.split('=', 1);
      const takes = optionsWithValue.includes(name);
      const value = takes && name === word.value ? words[++index] : word;
      sorted.options.push(text.slice(word.start, (value ?? word).end));
      sorted.known &&= takes ? value !== undefined : flags.includes(word.value);
    } else {
      sorted.names.push(word);
    }
  }
  return sorted;
}

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
