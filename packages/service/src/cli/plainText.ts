/**
 * What others named or sent, made harmless for a terminal: no escape sequence of a bastion or of an integration's name
 * is obeyed, and no character that turns the direction of writing around hides what stands there.
 */

/** C0 and C1 controls, DEL, and the marks, embeddings, overrides and isolates of direction. */
const harmful =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Of these JSON itself escapes the first 32 only. */
const harmfulInJson =
  /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** One line: controls are shown as `\x1b`. */
export function oneLine(text: string): string {
  return text.replace(harmful, escaped);
}

/** Several lines: line ends stay, and a tabulator is as wide as it looks. */
export function manyLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map(line => oneLine(line.replaceAll('\t', '    ')))
    .join('\n');
}

/** Stays the same value for who parses it. */
export function printedJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    harmfulInJson,
    character => `\\u${hex(character, 4)}`
  );
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${hex(character, 2)}` : `\\u${hex(character, 4)}`;
}

function hex(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, '0');
}
