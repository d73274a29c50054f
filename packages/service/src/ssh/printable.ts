/** Names that a server may list; real ones list some twenty. */
const mostNames = 50;
/** RFC 4250, 4.6.1. */
const longestName = 64;

/** The first line of a stranger's words, without what a terminal would obey. */
export function printable(text: string): string {
  return (text.split(/[\r\n]/, 1)[0] ?? '')
    .replace(/[^\x20-\x7e]/g, '')
    .slice(0, 200)
    .trim();
}

/** Names of methods or algorithms, as a stranger lists them. */
export function printableNames(names: readonly string[]): string[] {
  return names
    .slice(0, mostNames)
    .map(name => printable(name).slice(0, longestName));
}
