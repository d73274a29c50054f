/**
 * Reads the one statement that the cursor is in, like a person would who sees it half written; nothing is refused.
 */
import {
  beginsQuery,
  endsOutputs,
  isDistinctFrom,
  leadsToTable,
  passedOver,
  setOperations
} from './clauses.js';
import type { Dialect } from './dialect.js';
import type { Part, Place, Query, Relation } from './statement.js';
import type { Token } from './tokens.js';
import { cursor, isName, TokenWalk } from './tokenWalk.js';
import { reserved } from './words.js';

/**
 * @param before tokens of the statement that end before what is being typed, comments left out
 * @param after tokens behind the cursor
 */
export function readStatement(
  before: readonly Token[],
  after: readonly Token[],
  dialect: Dialect
): Place {
  const at = before.at(-1)?.end ?? 0;
  const typed: Token = {
    kind: 'name',
    start: at,
    end: at,
    text: cursor,
    open: false
  };
  const reader = new Reader([...before, typed, ...after], dialect);
  return reader.read();
}

class Reader extends TokenWalk {
  read(): Place {
    while (this.next < this.tokens.length) {
      this.readQuery(undefined, undefined);
      // A bracket that closes nothing.
      this.next++;
    }
    return (
      this.place ?? { expects: 'keyword', query: this.query, part: this.part }
    );
  }

  /** Up to the bracket that ends it, or the end. */
  private readQuery(
    parent: Query | undefined,
    within: Part | undefined
  ): Query {
    const outer = { query: this.query, part: this.part, expects: this.expects };
    const query: Query = { parent, within, tables: [], parts: [] };
    this.query = query;
    this.newPart();
    this.expects = 'statement';
    let first = '';
    let listsTables = false;
    if (this.peekWord() === 'WITH') {
      this.readWith(query);
    }
    for (
      let token = this.peek();
      token && token.text !== ')';
      token = this.peek()
    ) {
      const word = this.peekWord();
      const previous = this.previousWord();
      first ||= word ?? '';
      if (this.isBeforeTable && this.readRelation(first)) {
        this.expects = 'keyword';
        continue;
      }
      if (token.text === '(') {
        this.readBrackets();
        this.expects = 'keyword';
        continue;
      }
      if (word === 'SELECT' && this.part.selects) {
        this.newPart();
      }
      if (
        word &&
        setOperations.has(word) &&
        !/^(?:\*|SELECT)$/.test(previous ?? '')
      ) {
        this.newPart();
      }
      if (word === 'SELECT') {
        this.part.selects = true;
        this.take('value');
        this.readOutputs();
        continue;
      }
      const isList: boolean =
        token.text === ',' && listsTables && this.expects === 'keyword';
      const leads: boolean = leadsToTable(word, previous, first) || isList;
      listsTables = leads
        ? word === 'FROM' || isList
        : listsTables && (word === undefined || !reserved.has(word));
      this.take(leads ? 'relation' : this.following(token));
    }
    this.query = outer.query ?? query;
    this.part = outer.part ?? this.part;
    this.expects = outer.expects;
    return query;
  }

  /** `name (columns) AS (query), …` */
  private readWith(query: Query): void {
    this.take('keyword');
    if (this.peekWord() === 'RECURSIVE') {
      this.take('keyword');
    }
    for (let token = this.peek(); token && isName(token); token = this.peek()) {
      const name = this.meant(token);
      this.take('keyword');
      const columns = this.peek()?.text === '(' ? this.readNames() : undefined;
      while (/^(?:AS|NOT|MATERIALIZED)$/.test(this.peekWord() ?? '')) {
        this.take('keyword');
      }
      if (this.peek()?.text !== '(') {
        return;
      }
      this.take('statement');
      const inner = this.readQuery(query, undefined);
      query.tables.push({ name, columns, query: inner });
      this.takeClosing();
      if (this.peek()?.text !== ',') {
        this.expects = 'statement';
        return;
      }
      this.take('keyword');
    }
  }

  /** The columns of the result, up to the word that ends their list. */
  private readOutputs(): void {
    let item: Token[] = [];
    // Behind AS any word is a name.
    let isNamed = false;
    const end = () => {
      const last = item.at(-1);
      const qualifier = item.at(-2)?.text === '.' ? item.at(-3) : undefined;
      if (last?.text === '*' && (item.length === 1 || qualifier)) {
        this.part.outputs.push({
          name: '*',
          of: qualifier && this.meant(qualifier)
        });
      } else if (last && isName(last, isNamed)) {
        this.part.outputs.push({ name: this.meant(last) });
      }
      item = [];
      isNamed = false;
    };
    for (
      let token = this.peek();
      token && token.text !== ')';
      token = this.peek()
    ) {
      const word = this.peekWord();
      if (
        word &&
        endsOutputs(word) &&
        !isDistinctFrom(word, this.previousWord())
      ) {
        break;
      }
      if (token.text === '(') {
        this.readBrackets();
        this.expects = 'keyword';
        item = [];
      } else if (token.text === ',') {
        end();
        this.take('value');
      } else {
        const isStar =
          token.text === '*' &&
          (item.length === 0 || item.at(-1)?.text === '.');
        isNamed ||= word === 'AS';
        if (word !== 'DISTINCT' && word !== 'AS' && token.text !== cursor) {
          item.push(token);
        }
        this.take(isStar ? 'keyword' : this.following(token));
      }
    }
    end();
  }

  /** @returns whether there was one */
  private readRelation(first: string): boolean {
    while (passedOver.has(this.peekWord() ?? '')) {
      this.take('relation');
    }
    const token = this.peek();
    const { part } = this;
    if (token?.text === '(') {
      if (!beginsQuery.has(this.peekWord(1) ?? '')) {
        // Joins in brackets; what closes them is passed over.
        this.take('relation');
        while (this.peek() && this.peek()?.text !== ')') {
          if (!this.isBeforeTable || !this.readRelation(first)) {
            this.take(
              leadsToTable(this.peekWord(), this.previousWord(), first)
                ? 'relation'
                : 'value'
            );
          } else {
            this.expects = 'keyword';
          }
        }
        this.takeClosing();
        return true;
      }
      this.take('statement');
      const lateral = this.readQuery(this.query, this.part);
      this.takeClosing();
      part.relations.push({
        path: [],
        query: lateral,
        ...this.readAlias(first)
      });
      return true;
    }
    if (!token || !isName(token)) {
      return false;
    }
    const path = [this.meant(token)];
    this.take('keyword');
    while (
      this.peek()?.text === '.' &&
      this.peek(1) &&
      isName(this.peek(1)!, true)
    ) {
      this.take('keyword');
      path.push(this.meant(this.peek()!));
      this.take('keyword');
    }
    const isCall = this.peek()?.text === '(' && first !== 'INSERT';
    if (isCall) {
      this.readBrackets();
      this.expects = 'keyword';
    }
    const named = this.readAlias(first);
    part.relations.push({
      path: isCall || path.includes('') ? [] : path,
      ...named
    });
    return true;
  }

  private readAlias(first: string): Pick<Relation, 'alias' | 'columns'> {
    this.expects = 'keyword';
    if (this.peekWord() === 'AS') {
      this.take('keyword');
    }
    const token = this.peek();
    if (!token || !isName(token) || first === 'INSERT') {
      return {};
    }
    const alias = this.meant(token) || undefined;
    this.take('keyword');
    const columns = this.peek()?.text === '(' ? this.readNames() : undefined;
    return { alias, columns };
  }

  /** Arguments, a list or a query. */
  private readBrackets(): void {
    if (beginsQuery.has(this.peekWord(1) ?? '')) {
      this.take('statement');
      this.readQuery(this.query, this.part);
      this.takeClosing();
      return;
    }
    this.take('value');
    for (
      let token = this.peek();
      token && token.text !== ')';
      token = this.peek()
    ) {
      if (token.text === '(') {
        this.readBrackets();
      } else {
        this.take(this.following(token));
      }
    }
    this.takeClosing();
  }
}
