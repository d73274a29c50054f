/**
 * The first line of an SQL cell: `%%sql <integration> [-o NAME] …`, quoted like in a shell.
 *
 * The line is the only truth about a cell. It is never rewritten as a whole: changes replace the one word that
 * changed, so that spacing, order and options that are not known here stay what their author wrote.
 */

/** A word of the line. Offsets count from the start of the source; quotes lie within them. */
export interface Word {
  start: number;
  end: number;
  /** Without quotes. */
  value: string;
  /** A quote that was opened is not closed. */
  open: boolean;
}

export interface FirstLine {
  /** What it covers in the source, without the line break. */
  end: number;
  /** Offset after the magic's name, where words are inserted. */
  magicEnd: number;
  integration: Word | null;
  /** Name of the variable that receives the result, with the option it belongs to. */
  output: { option: Word; name: Word | null } | null;
  /** A quote is not closed. */
  malformed: boolean;
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
const optionsWithValue = [...outputOptions, '--decimals'];

/** Parse a cell's source; null where it is no SQL cell. */
export function parseFirstLine(source: string): FirstLine | null {
  const found = magic.exec(source);
  if (!found) {
    return null;
  }
  const magicEnd = found[0].length;
  const end = /\r?\n|$/.exec(source)!.index;
  const words = splitWords(source.slice(0, end), magicEnd);
  return {
    end,
    magicEnd,
    integration: findIntegration(words),
    output: findOutput(words),
    malformed: words.some(({ open }) => open)
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

/**
 * Quote a word so that a POSIX shell and Python's `shlex` read the same: the two differ in what a backslash does
 * within double quotes, so those are used only where there is nothing to escape.
 */
export function quote(word: string): string {
  if (/^[\w.@%+=:,/][\w.@%+=:,/-]*$/.test(word)) {
    return word;
  }
  if (!/["\\$`]/.test(word)) {
    return `"${word}"`;
  }
  return `'${word.replaceAll("'", `'"'"'`)}'`;
}

/** The first word that is neither an option nor the value of one. */
function findIntegration(words: readonly Word[]): Word | null {
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    if (optionsWithValue.includes(word.value)) {
      index++;
    } else if (!word.value.startsWith('-')) {
      return word;
    }
  }
  return null;
}

function findOutput(words: readonly Word[]): FirstLine['output'] {
  const index = words.findIndex(
    word => outputOptions.includes(word.value) || attachedName(word)
  );
  if (index < 0) {
    return null;
  }
  const option = words[index];
  const attached = attachedName(option);
  return { option, name: attached ?? words[index + 1] ?? null };
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

/** Split like a POSIX shell does, without expansions and comments. */
function splitWords(line: string, from: number): Word[] {
  const words: Word[] = [];
  let at = from;
  for (;;) {
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
    const character = line[at];
    if (quoted === '' && /[ \t]/.test(character)) {
      break;
    }
    if (character === quoted) {
      quoted = '';
    } else if (quoted === '' && (character === '"' || character === "'")) {
      quoted = character;
    } else if (character === '\\' && escapes(quoted, line[at + 1])) {
      value += line[++at];
    } else {
      value += character;
    }
  }
  return { start, end: at, value, open: quoted !== '' };
}

/** Whether a backslash, in this kind of quotes, escapes the next character. */
function escapes(quoted: string, next: string | undefined): boolean {
  if (next === undefined || quoted === "'") {
    return false;
  }
  return quoted === '' || /["\\$`]/.test(next);
}
