import type { Completion } from '@underpass/protocol';

import type { Found } from './completeSql.js';
import type { Names } from './names.js';

const methods = ['find', 'findOne', 'aggregate', 'countDocuments', 'distinct'];

const operators = [
  ...['$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$in', '$nin', '$and'],
  ...['$or', '$not', '$nor', '$exists', '$type', '$regex', '$expr', '$all'],
  ...['$elemMatch', '$size', '$match', '$project', '$group', '$sort'],
  ...['$limit', '$skip', '$unwind', '$lookup', '$addFields', '$set', '$unset'],
  ...['$count', '$facet', '$bucket', '$sortByCount', '$replaceRoot', '$sample'],
  ...['$sum', '$avg', '$min', '$max', '$first', '$last', '$push', '$addToSet'],
  ...['$dateToString', '$dateTrunc', '$year', '$month', '$dayOfMonth', '$cond'],
  ...['$ifNull', '$concat', '$toLower', '$toUpper', '$size', '$filter', '$map']
];

/** What may stand in a cell of MongoDB: `db.orders.find({…})`. */
export function completeMongo(
  source: string,
  offset: number,
  from: number,
  names: Names
): Found | undefined {
  const before = source.slice(from, offset);
  if (/\{\{(?:(?!\}\}).)*$/s.test(before)) {
    return undefined;
  }
  const [, path = '', typed = ''] =
    /((?:[\w$]+\.)*)([\w$]*)$/.exec(before) ?? [];
  const [root, collection, ...further] = path.split('.').slice(0, -1);
  const named = /\bdb\.([\w$]+)\./.exec(source.slice(from))?.[1];
  let items: Completion[] = [];
  let isPartial = false;
  if (root === 'db' && collection === undefined) {
    for (const schema of names.searched()) {
      const tables = names.tables(schema, typed);
      isPartial ||= tables.isPartial;
      items.push(...tables.items.map(({ name }) => item(name, 'collection')));
    }
  } else if (root === 'db' && further.length === 0) {
    items = methods.map(method => item(method, 'function'));
  } else if (root === undefined && typed.startsWith('$')) {
    items = operators.map(operator => item(operator, 'keyword'));
  } else if (
    root === undefined &&
    named &&
    /[{,]\s*["']?$/.test(before.slice(0, before.length - typed.length))
  ) {
    items = fields(named, names);
  } else if (root === undefined && before.trim() === typed) {
    items = [item('db', 'keyword')];
  }
  const prefix = typed.toLowerCase();
  return {
    start: offset - typed.length,
    end: offset,
    items: items.filter(({ filter }) =>
      filter.toLowerCase().startsWith(prefix)
    ),
    isPartial
  };
}

/** Keys of the first documents. */
function fields(collection: string, names: Names): Completion[] {
  return names
    .searched()
    .flatMap(schema => names.columns(schema, collection))
    .map(({ name, type }) => ({ ...item(name, 'column'), detail: type }));
}

const item = (text: string, kind: Completion['kind']): Completion => ({
  text,
  filter: text,
  kind
});
