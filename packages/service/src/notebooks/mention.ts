/**
 * Whether code names an integration: in the first line of an SQL cell, in a call of the Python API, or by the
 * variables of its tunnel.
 */
import { environmentPrefix } from '../integrations/environment.js';
import { isSameName } from '../workspace/names.js';

const sqlCell = /^\s*%%(?:sql|underpass)[ \t]+([^\r\n]*)/;
/** A quote that is not closed goes to the end: it is not tried again from each character within. */
const words = /"((?:[^"\\]|\\.)*)(?:"|\\?$)|'([^']*)(?:'|$)|([^\s"']+)/g;
/** Options whose value is the name of a variable. */
const namesVariable = new Set(['-o', '--output', '--with']);
/** Of the first line; a longer one was not written by a person. */
const longestLine = 4096;
/** The name is short: what is hostile must not make the search slow. */
const pythonCall =
  /(?:\b(?:connect|engine)\s?\(\s?|\bintegration\s?=\s?)(["'])([^"'\r\n]{1,200})\1/g;

/** @param names of the integration, with its former ones */
export function mentions(
  names: readonly string[]
): (source: string) => boolean {
  const isName = (text: string) => names.some(name => isSameName(name, text));
  const variable = new RegExp(
    `(?<![A-Za-z0-9_])(?:${names.map(environmentPrefix).join('|')})_(?:LOCAL|REMOTE)_(?:HOST|PORT)(?![A-Za-z0-9_])`
  );
  return source =>
    wordsOfFirstLine(source).some(isName) ||
    [...source.matchAll(pythonCall)].some(([, , name]) => isName(name ?? '')) ||
    variable.test(source);
}

/** Without the names of variables. Which of the others is the integration depends on options that may come later. */
function wordsOfFirstLine(source: string): string[] {
  const line = sqlCell.exec(source)?.[1]?.slice(0, longestLine) ?? '';
  const found = [...line.matchAll(words)].map(
    ([, double, single, plain]) =>
      double?.replace(/\\(["\\$`])/g, '$1') ?? single ?? plain ?? ''
  );
  return found.filter((_, at) => !namesVariable.has(found[at - 1] ?? ''));
}
