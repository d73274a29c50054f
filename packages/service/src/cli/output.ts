import { asFailure } from '../serviceError.js';
import { manyLines, printedJson } from './plainText.js';
import { type Line, paint, type Piece, Screen } from './screen.js';
import { table as alignedTable, type TableOptions } from './table.js';

/** How results and failures leave the command line: for people, or as JSON. */
export class Output {
  private readonly out = new Screen(process.stdout);
  private readonly err = new Screen(process.stderr);

  constructor(readonly json: boolean) {
    process.stdout.on('error', endWithReader);
    process.stderr.on('error', endWithReader);
  }

  /** Print a result, one JSON value or the lines that say it for people. */
  result(value: unknown, lines: () => readonly Line[]): void {
    if (this.json) {
      process.stdout.write(`${printedJson(value, 2)}\n`);
    } else {
      this.out.write(lines());
    }
  }

  /** One of a stream of values: a line of JSON, or of text. */
  item(value: unknown, line: () => Line): void {
    if (this.json) {
      process.stdout.write(`${printedJson(value)}\n`);
    } else {
      this.out.write([line()]);
    }
  }

  /** Say something to a person that is not the result. */
  remark(text: string): void {
    this.err.write(
      manyLines(text)
        .split('\n')
        .map((line, index) => (index === 0 ? `underpass: ${line}` : line))
    );
  }

  /** Lines for the person who is asked something. */
  say(lines: readonly Line[]): void {
    this.err.write(lines);
  }

  /** Print what went wrong to stderr. */
  failure(error: unknown): void {
    const failure = asFailure(error);
    if (this.json) {
      process.stderr.write(`${printedJson(failure)}\n`);
      return;
    }
    const [first = '', ...more] = manyLines(failure.message).split('\n');
    this.err.write([
      [paint('bad', 'underpass:'), ` ${first}`],
      ...more,
      paint('quiet', `  ${failure.code} at ${failure.stage}`),
      ...manyLines(failure.fix)
        .split('\n')
        .map(line => `  ${line}`)
    ]);
  }

  /** Aligned columns, as wide as the terminal. */
  table(
    rows: readonly (readonly Piece[])[],
    options: Omit<TableOptions, 'width'> = {}
  ): Line[] {
    return alignedTable(rows, { ...options, width: this.out.width });
  }
}

/** Aligned columns of any width. */
export function table(rows: readonly (readonly Piece[])[]): Line[] {
  return alignedTable(rows);
}

/** Who reads us may have read enough: `underpass … | head`. */
export function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') {
    process.exit(0);
  }
  throw error;
}
