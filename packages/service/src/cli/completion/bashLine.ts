/**
 * A command line as bash has it: words, what is quoted, and which part of the last word readline will replace.
 */

export type Quote = '' | '"' | "'";

export interface BashLine {
  /** Without their quotes; the last one is the word at the cursor, and may be empty. */
  words: string[];
  /** The quote that is open at the cursor. */
  quote: Quote;
  /** How many characters of the last word stand before what readline replaces. */
  kept: number;
}

/** Characters that end a command; what stands before them is of no interest. */
const separators = ';|&(';

/**
 * @param line up to the cursor
 * @param breaks `COMP_WORDBREAKS`: readline replaces what follows the last of these that is not quoted
 */
export function readBashLine(line: string, breaks: string): BashLine {
  let words: string[] = [];
  let word = '';
  let inWord = false;
  let quote: Quote = '';
  let kept = 0;
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] ?? '';
    if (quote === "'") {
      if (character === "'") {
        quote = '';
        kept = word.length;
      } else {
        word += character;
      }
    } else if (character === '\\') {
      const next = line[at + 1] ?? '';
      const escapes = quote === '' || '$`"\\\n'.includes(next);
      word += escapes ? next : `\\${next}`;
      inWord = true;
      at += 1;
    } else if (quote === '"') {
      if (character === '"') {
        quote = '';
        kept = word.length;
      } else {
        word += character;
      }
    } else if (character === '"' || character === "'") {
      quote = character;
      inWord = true;
      kept = word.length;
    } else if (/\s/.test(character) || separators.includes(character)) {
      if (inWord) {
        words.push(word);
      }
      if (separators.includes(character)) {
        words = [];
      }
      word = '';
      inWord = false;
      kept = 0;
    } else {
      word += character;
      inWord = true;
      if (breaks.includes(character)) {
        kept = word.length;
      }
    }
  }
  return { words: [...words, word], quote, kept };
}

/** What readline has to insert for a word. */
export function bashInsertion(candidate: string, line: BashLine): string {
  const rest = candidate.slice(line.kept);
  switch (line.quote) {
    case '"':
      return rest.replace(/[$`"\\]/g, '\\$&');
    case "'":
      return rest.replaceAll("'", "'\\''");
    case '':
      return rest.replace(/[^\p{L}\p{N}_@%+=:,./-]/gu, '\\$&');
  }
}
