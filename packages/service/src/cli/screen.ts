/**
 * What the terminal can show: its width, colours, letters beyond ASCII.
 */
import pico from 'picocolors';

import { manyLines, oneLine } from './plainText.js';

export type Style = 'good' | 'warning' | 'bad' | 'quiet' | 'heading';

/** A piece of text in a style; the text is cleaned when it is printed, the style never comes from outside. */
export interface Painted {
  style: Style;
  text: string;
}
export type Piece = string | Painted;
/** One line of output. */
export type Line = Piece | readonly Piece[];

export const paint = (style: Style, text: string): Painted => ({ style, text });

export const textOf = (piece: Piece): string =>
  typeof piece === 'string' ? piece : piece.text;

/** Stdout or stderr. */
export class Screen {
  /** Columns of a terminal; undefined where the output goes elsewhere and may be as wide as it likes. */
  readonly width: number | undefined;
  private readonly colours: ReturnType<typeof pico.createColors>;
  private readonly unicode: boolean;

  constructor(
    private readonly stream: NodeJS.WriteStream,
    environment: NodeJS.ProcessEnv = process.env
  ) {
    this.width = stream.isTTY ? stream.columns || undefined : undefined;
    this.colours = pico.createColors(hasColours(stream, environment));
    this.unicode = knowsUnicode(environment);
  }

  /** Write lines, each with its end; a plain string may hold several. */
  write(lines: readonly Line[]): void {
    const printed = lines
      .flatMap((line): Line[] =>
        typeof line === 'string' ? manyLines(line).split('\n') : [line]
      )
      .map(line => `${this.render(line)}\n`);
    if (printed.length > 0) {
      this.stream.write(printed.join(''));
    }
  }

  private render(line: Line): string {
    const pieces: readonly Piece[] = isPieces(line) ? line : [line];
    return pieces
      .map(piece => {
        const text = this.letters(oneLine(textOf(piece)));
        return typeof piece === 'string'
          ? text
          : this.styled(piece.style, text);
      })
      .join('');
  }

  private styled(style: Style, text: string): string {
    switch (style) {
      case 'good':
        return this.colours.green(text);
      case 'warning':
        return this.colours.yellow(text);
      case 'bad':
        return this.colours.red(text);
      case 'quiet':
        return this.colours.dim(text);
      case 'heading':
        return this.colours.bold(text);
    }
  }

  /** Our own signs, for terminals that know ASCII alone. Names of people's things stay as they are. */
  private letters(text: string): string {
    return this.unicode
      ? text
      : text.replaceAll('→', '->').replaceAll('…', '...').replaceAll('·', '-');
  }
}

/** https://no-color.org: set to anything but nothing means no. */
function hasColours(
  stream: NodeJS.WriteStream,
  environment: NodeJS.ProcessEnv
): boolean {
  if (environment.NO_COLOR) {
    return false;
  }
  if (environment.FORCE_COLOR !== undefined) {
    return environment.FORCE_COLOR !== '0';
  }
  // Undefined where it is no terminal, which would let the library decide.
  return stream.isTTY === true && environment.TERM !== 'dumb';
}

function knowsUnicode(environment: NodeJS.ProcessEnv): boolean {
  const locale =
    environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
  return process.platform === 'win32' || /utf-?8/i.test(locale);
}

function isPieces(line: Line): line is readonly Piece[] {
  return Array.isArray(line);
}
