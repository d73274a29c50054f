// Prints what the front end says, as JSON: the texts that a translation has to have, each with its plural or null.
import { readFileSync } from 'node:fs';

import ts from 'typescript';

const messages = new Map();
for (const path of ts.sys.readDirectory(
  'src',
  ['.ts', '.tsx'],
  ['**/*.spec.ts']
)) {
  const file = ts.createSourceFile(
    path,
    readFileSync(path, 'utf8'),
    ts.ScriptTarget.Latest
  );
  ts.forEachChild(file, function visit(node) {
    if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression)
    ) {
      const [text, plural] = node.arguments;
      const name = node.expression.name.text;
      if (
        (name === '__' || name === '_n') &&
        text &&
        ts.isStringLiteralLike(text)
      ) {
        messages.set(text.text, name === '_n' ? plural.text : null);
      }
    }
    ts.forEachChild(node, visit);
  });
}
process.stdout.write(
  `${JSON.stringify(Object.fromEntries(messages), null, 2)}\n`
);
