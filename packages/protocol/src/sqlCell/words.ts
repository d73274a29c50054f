/**
 * Words as a POSIX shell and Python's `shlex` read them.
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

/** Split like a POSIX shell does, without expansions and comments. */
export function splitWords(line: string, from: number): Word[] {
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
    const character = line.charAt(at);
    if (quoted === '' && /[ \t]/.test(character)) {
      break;
    }
    if (character === quoted) {
      quoted = '';
    } else if (quoted === '' && (character === '"' || character === "'")) {
      quoted = character;
    } else if (character === '\\' && escapes(quoted, line[at + 1])) {
      value += line.charAt(++at);
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
