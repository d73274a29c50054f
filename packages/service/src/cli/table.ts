/**
 * Rows of text with aligned columns, as wide as the terminal at most.
 */
import stringWidth from 'string-width';

import { oneLine } from './plainText.js';
import { type Line, paint, type Piece, textOf } from './screen.js';

const gap = 2;
/** A column that can be cut is never made narrower than this. */
const narrowest = 8;

export interface TableOptions {
  /** Columns of the terminal; without it nothing is cut. */
  width?: number | undefined;
  /** The first row names the columns. */
  header?: boolean;
  /** Columns whose text is of no use when cut: fingerprints, ports. */
  whole?: readonly number[];
}

/**
 * Align the columns. What does not fit is cut with an ellipsis; where that does not help, each row becomes a block of
 * lines with nothing left out.
 */
export function table(
  rows: readonly (readonly Piece[])[],
  { width, header = false, whole = [] }: TableOptions = {}
): Line[] {
  const first = rows[0];
  if (!first) {
    return [];
  }
  const columns = Math.max(...rows.map(row => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map(row => widthOf(row[column] ?? '')))
  );
  if (width !== undefined && !shrink(widths, width, whole)) {
    return blocks(rows, header);
  }
  return rows.map((row, index) =>
    row.flatMap((piece, column): Piece[] => {
      const cut = shorten(piece, widths[column] ?? 0);
      const styled =
        header && index === 0 ? paint('heading', textOf(cut)) : cut;
      const padding = (widths[column] ?? 0) - widthOf(cut) + gap;
      return column === row.length - 1
        ? [styled]
        : [styled, ' '.repeat(padding)];
    })
  );
}

/** Take from the widest columns until all fit. @returns whether they do */
function shrink(
  widths: number[],
  available: number,
  whole: readonly number[]
): boolean {
  const total = () =>
    widths.reduce((sum, width) => sum + width, gap * (widths.length - 1));
  while (total() > available) {
    const widest = widths.reduce(
      (best, width, column) =>
        whole.includes(column) || width <= (widths[best] ?? 0) ? best : column,
      -1
    );
    if ((widths[widest] ?? 0) <= narrowest) {
      return false;
    }
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return true;
}

/** One line for each cell, a blank one between rows. */
function blocks(rows: readonly (readonly Piece[])[], header: boolean): Line[] {
  const names = header ? (rows[0] ?? []).map(textOf) : [];
  return (header ? rows.slice(1) : rows).flatMap((row, index) => [
    ...(index > 0 ? [''] : []),
    ...row
      .map((piece, column): Line => {
        const name = names[column];
        return name ? [paint('heading', `${name}: `), piece] : piece;
      })
      .filter((_, column) => textOf(row[column] ?? '') !== '')
  ]);
}

function shorten(piece: Piece, width: number): Piece {
  if (widthOf(piece) <= width) {
    return piece;
  }
  let kept = '';
  for (const { segment } of new Intl.Segmenter().segment(
    oneLine(textOf(piece))
  )) {
    if (stringWidth(kept + segment) > width - 1) {
      break;
    }
    kept += segment;
  }
  return typeof piece === 'string'
    ? `${kept}…`
    : { style: piece.style, text: `${kept}…` };
}

const widthOf = (piece: Piece): number => stringWidth(oneLine(textOf(piece)));
