/**
 * The words of a statement that say what follows.
 */

export const setOperations = new Set(['UNION', 'EXCEPT', 'INTERSECT', 'MINUS']);
export const beginsQuery = new Set(['SELECT', 'WITH', 'VALUES']);
const beforeTable = new Set([
  'JOIN',
  'APPLY',
  'INTO',
  'TABLE',
  'DESCRIBE',
  'TRUNCATE',
  'SUMMARIZE'
]);
/** May stand between such a word and the name. */
export const passedOver = new Set([
  'ONLY',
  'LATERAL',
  'TABLE',
  'IF',
  'NOT',
  'EXISTS',
  'OVERWRITE'
]);

/** `IS DISTINCT FROM` */
export function isDistinctFrom(
  word: string,
  previous: string | undefined
): boolean {
  return word === 'FROM' && previous === 'DISTINCT';
}

export function endsOutputs(word: string): boolean {
  return (
    /^(?:FROM|INTO|WHERE|GROUP|ORDER|HAVING|LIMIT|QUALIFY|SELECT)$/.test(
      word
    ) || setOperations.has(word)
  );
}

export function leadsToTable(
  word: string | undefined,
  previous: string | undefined,
  first: string
): boolean {
  switch (word) {
    case undefined:
      return false;
    case 'FROM':
      return !isDistinctFrom(word, previous);
    case 'UPDATE':
      return !/^(?:FOR|DO|ON|THEN)$/.test(previous ?? '');
    case 'USING':
      return first === 'MERGE' || first === 'DELETE';
    default:
      return beforeTable.has(word);
  }
}
