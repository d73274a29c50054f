import { type Dialect, meantName } from './dialect.js';
import type { Part, Place, Query } from './statement.js';
import type { Token } from './tokens.js';
import { reserved } from './words.js';

/** Stands for what is being typed. */
export const cursor = '\0';

/** A walk through the tokens of a statement, which remembers what was expected where the cursor is. */
export class TokenWalk {
  protected next = 0;
  protected place: Place | undefined;
  protected expects: Place['expects'] = 'statement';
  protected query!: Query;
  protected part!: Part;

  constructor(
    protected readonly tokens: readonly Token[],
    private readonly dialect: Dialect
  ) {}

  /** What may stand behind a token that is none of those with a meaning of their own. */
  protected following(token: Token): Place['expects'] {
    if (token.kind === 'word') {
      const upper = token.text.toUpperCase();
      return reserved.has(upper) && !complete.has(upper) ? 'value' : 'keyword';
    }
    return token.kind === 'symbol' && token.text !== ')' ? 'value' : 'keyword';
  }

  /** `(a, b)` */
  protected readNames(): string[] {
    const names: string[] = [];
    this.take('keyword');
    for (
      let token = this.peek();
      token && token.text !== ')';
      token = this.peek()
    ) {
      if (isName(token)) {
        names.push(this.meant(token));
      }
      this.take('keyword');
    }
    this.takeClosing();
    return names;
  }

  protected takeClosing(): void {
    if (this.peek()?.text === ')') {
      this.take('keyword');
    }
  }

  protected newPart(): void {
    this.part = { relations: [], outputs: [], selects: false };
    this.query.parts.push(this.part);
  }

  protected get isBeforeTable(): boolean {
    return this.expects === 'relation';
  }

  protected peek(ahead = 0): Token | undefined {
    return this.tokens[this.next + ahead];
  }

  protected peekWord(ahead = 0): string | undefined {
    const token = this.peek(ahead);
    return token?.kind === 'word' ? token.text.toUpperCase() : undefined;
  }

  protected previousWord(): string | undefined {
    return this.tokens[this.next - 1]?.text.toUpperCase();
  }

  protected meant({ text }: Token): string {
    return text === cursor ? '' : meantName(text, this.dialect);
  }

  /** Go on; where the cursor is, remember what was expected there. */
  protected take(expects: Place['expects']): void {
    if (this.peek()?.text === cursor) {
      this.place = {
        expects: this.expects,
        query: this.query,
        part: this.part
      };
    }
    this.expects = expects;
    this.next++;
  }
}

/** Words behind which a value is complete. */
const complete = new Set([
  'END',
  'NULL',
  'TRUE',
  'FALSE',
  'ASC',
  'DESC',
  'ALL',
  'AS',
  'DEFAULT',
  'FINAL'
]);

export function isName({ kind, text }: Token, isQualified = false): boolean {
  return (
    kind === 'name' ||
    (kind === 'word' && (isQualified || !reserved.has(text.toUpperCase())))
  );
}
