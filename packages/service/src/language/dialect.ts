/**
 * How the systems write SQL, as far as completion has to know it.
 */
import { functionsOf, keywordsOf, reserved } from './words.js';

export interface Dialect {
  id: string;
  /** Quotes of names, opening and closing; the first pair is the one to write. */
  quotes: readonly (readonly [open: string, close: string])[];
  /** What the system makes of a name without quotes. */
  folding: 'lower' | 'upper' | 'none';
  /** What else begins a text, besides an apostrophe. */
  doubleQuotedText: boolean;
  /** A backslash escapes within a text. */
  backslashes: boolean;
  /** `$$ … $$` and `$tag$ … $tag$`. */
  dollarQuotes: boolean;
  hashComments: boolean;
  nestedComments: boolean;
  keywords: readonly string[];
  functions: readonly string[];
}

const double = ['"', '"'] as const;
const backtick = ['`', '`'] as const;
const bracket = ['[', ']'] as const;

function dialect(id: string, differences: Partial<Dialect> = {}): Dialect {
  return {
    id,
    quotes: [double],
    folding: 'lower',
    doubleQuotedText: false,
    backslashes: false,
    dollarQuotes: false,
    hashComments: false,
    nestedComments: false,
    keywords: keywordsOf(id),
    functions: functionsOf(id),
    ...differences
  };
}

const mysqlLike: Partial<Dialect> = {
  quotes: [backtick],
  folding: 'none',
  doubleQuotedText: true,
  backslashes: true,
  hashComments: true
};

const dialects = [
  dialect('postgresql', { dollarQuotes: true, nestedComments: true }),
  dialect('redshift', { dollarQuotes: true, nestedComments: true }),
  dialect('mysql', mysqlLike),
  dialect('mariadb', mysqlLike),
  dialect('mindsdb', mysqlLike),
  dialect('sqlserver', {
    quotes: [bracket, double],
    folding: 'none',
    nestedComments: true
  }),
  dialect('clickhouse', {
    quotes: [double, backtick],
    folding: 'none',
    backslashes: true,
    hashComments: true
  }),
  dialect('trino'),
  dialect('dremio', { folding: 'none' }),
  dialect('snowflake', {
    folding: 'upper',
    backslashes: true,
    dollarQuotes: true
  }),
  dialect('bigquery', {
    quotes: [backtick],
    folding: 'none',
    doubleQuotedText: true,
    backslashes: true,
    hashComments: true
  }),
  dialect('duckdb', { folding: 'none', dollarQuotes: true })
];

const general = dialect('');

/** @param type of an integration; for what is not known, what all have in common */
export function dialectOf(type: string | undefined): Dialect {
  return dialects.find(({ id }) => id === type) ?? general;
}

/** A name as it has to be written; quoted where it would be read as another one, or where a quote was typed. */
export function writtenName(
  name: string,
  { quotes, folding, keywords }: Dialect,
  typedQuote = ''
): string {
  const typed = quotes.find(([open]) => open === typedQuote);
  const folded =
    folding === 'lower'
      ? name.toLowerCase()
      : folding === 'upper'
        ? name.toUpperCase()
        : name;
  const isPlain =
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) &&
    folded === name &&
    !isReserved(name, keywords);
  if (isPlain && !typed) {
    return name;
  }
  const [open, close] = typed ?? quotes[0] ?? double;
  return `${open}${name.replaceAll(close, close + close)}${close}`;
}

function isReserved(name: string, keywords: readonly string[]): boolean {
  const upper = name.toUpperCase();
  return reserved.has(upper) && keywords.includes(upper);
}

/** A name as the system knows it, without the quotes that it is written with. */
export function plainName(written: string, { quotes }: Dialect): string {
  const pair = quotes.find(([open]) => written.startsWith(open));
  if (!pair) {
    return written;
  }
  const [, close] = pair;
  const closed = written.length > 1 && written.endsWith(close);
  return written
    .slice(1, closed ? -1 : undefined)
    .replaceAll(close + close, close);
}

/** What the system makes of a name as it is written. */
export function meantName(written: string, dialect: Dialect): string {
  const plain = plainName(written, dialect);
  if (plain !== written || dialect.folding === 'none') {
    return plain;
  }
  return dialect.folding === 'lower'
    ? plain.toLowerCase()
    : plain.toUpperCase();
}
