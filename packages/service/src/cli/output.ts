import { asFailure } from '../serviceError.js';

/** How results and failures leave the command line: for people, or as JSON. */
export class Output {
  constructor(private readonly json: boolean) {}

  /** Print a result; `lines` says it for people. */
  result(value: unknown, lines: () => readonly string[]): void {
    const text = this.json
      ? JSON.stringify(value, null, 2)
      : lines().join('\n');
    if (text !== '') {
      process.stdout.write(`${text}\n`);
    }
  }

  /** Print what went wrong to stderr. */
  failure(error: unknown): void {
    const failure = asFailure(error);
    process.stderr.write(
      this.json
        ? `${JSON.stringify(failure)}\n`
        : `underpass: ${failure.message}\n  ${failure.code} at ${failure.stage}\n  ${failure.fix}\n`
    );
  }
}

/** Rows of text with aligned columns. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map(row => row[column]?.length ?? 0))
  );
  return rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  );
}
