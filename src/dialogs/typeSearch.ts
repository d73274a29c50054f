import type { IntegrationType } from '@underpass/protocol';

/** The types that a person may mean: each word begins a word of the label, or of what else people call it. */
export function searchTypes(
  types: readonly IntegrationType[],
  typed: string
): IntegrationType[] {
  const words = split(typed);
  return types.filter(({ id, label, keywords = [] }) => {
    const own = [id, label, ...keywords].flatMap(name => [
      ...split(name),
      // "sqlserver", "bigquery": people leave out the blank, or put one in.
      split(name).join('')
    ]);
    return (
      words.every(word => own.some(name => name.startsWith(word))) ||
      own.some(name => words.length > 0 && name.startsWith(words.join('')))
    );
  });
}

function split(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(word => word !== '');
}
