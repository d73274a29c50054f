/**
 * The first line of an SQL cell: `%%sql <integration> [-o NAME] …`, quoted like in a shell.
 */

export interface Word {
  start: number;
  end: number;
  /** Without quotes. */
  value: string;
  /** A quote that was opened is not closed. */
  open: boolean;
}

export interface FirstLine {
  /** What it covers, without the line break. */
  end: number;
  /** Behind the magic's name. */
  magicEnd: number;
  words: readonly Word[];
  integration: Word | undefined;
}

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

const magic = /^%%(?:sql|underpass)(?=[ \t\r\n]|$)/;

/** Undefined where the cell is no SQL cell. */
export function parseFirstLine(source: string): FirstLine | undefined {
  const magicEnd = magic.exec(source)?.[0].length;
  if (magicEnd === undefined) {
    return undefined;
  }
  const end = /\r?\n|$/.exec(source)?.index ?? source.length;
  const words = splitWords(source.slice(0, end), magicEnd);
  return { end, magicEnd, words, integration: integrationIn(words) };
}

/** Quote a word so that a POSIX shell and Python's `shlex` read the same. */
export function quoteWord(word: string): string {
  if (/^[\w.@%+=:,/][\w.@%+=:,/-]*$/.test(word)) {
    return word;
  }
  return /["\\$`]/.test(word)
    ? `'${word.replaceAll("'", `'"'"'`)}'`
    : `"${word}"`;
}

const takesValue = (option: string) =>
  Object.hasOwn(options, option) && options[option] !== undefined;

/** The first word that is neither an option nor the value of one. */
function integrationIn(words: readonly Word[]): Word | undefined {
  return words.find(
    ({ value }, index) =>
      !value.startsWith('-') && !takesValue(words[index - 1]?.value ?? '')
  );
}

function splitWords(line: string, from: number): Word[] {
  const words: Word[] = [];
  for (let at = from; ;) {
    while (/[ \t]/.test(line.charAt(at))) {
      at++;
    }
    if (at >= line.length) {
      return words;
    }
    const word = readWord(line, at);
    words.push(word);
    at = word.end;
  }
}

function readWord(line: string, start: number): Word {
  let value = '';
  let quoted = '';
  let at = start;
  for (; at < line.length; at++) {
    const character = line.charAt(at);
    if (quoted === '' && /[ \t]/.test(character)) {
      break;
    }
    if (character === quoted) {
      quoted = '';
    } else if (quoted === '' && /["']/.test(character)) {
      quoted = character;
    } else if (character === '\\' && escapes(quoted, line[at + 1])) {
      value += line[++at] ?? '';
    } else {
      value += character;
    }
  }
  return { start, end: at, value, open: quoted !== '' };
}

/** Whether a backslash, in this kind of quotes, escapes the next character. */
function escapes(quoted: string, next: string | undefined): boolean {
  return (
    next !== undefined &&
    quoted !== "'" &&
    (quoted === '' || /["\\$`]/.test(next))
  );
}
