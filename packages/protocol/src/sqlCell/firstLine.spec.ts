import assert from 'node:assert/strict';
import { test } from 'node:test';

import { applyEdit, setIntegration, setOutput } from './edits.js';
import { type FirstLine, parseFirstLine } from './firstLine.js';
import lines from './firstLines.json' with { type: 'json' };
import { quote } from './words.js';

const parse = (source: string): FirstLine => {
  const line = parseFirstLine(source);
  assert.ok(line, source);
  return line;
};
const integration = (source: string) => parse(source).integration?.value;
const output = (source: string) => parse(source).output?.name?.value;
const renamed = (source: string, name: string) =>
  applyEdit(source, setIntegration(parse(source), name));
const stored = (source: string, name: string) =>
  applyEdit(source, setOutput(parse(source), name));

test('a cell that does not begin with the magic is no SQL cell', () => {
  for (const source of ['', 'SELECT 1', '%sql a', '%%sqlite a', ' %%sql a']) {
    assert.equal(parseFirstLine(source), null, source);
  }
});

// Python's parser is tested with the same lines.
test('lines are read, and names written, as Python reads them', () => {
  for (const { line, ...expected } of lines.read) {
    const { understood, integration, output } = parse(`%%sql ${line}`);
    assert.deepEqual(
      {
        integration: integration?.value ?? null,
        output: output?.name?.value ?? null
      },
      expected,
      line
    );
    assert.equal(understood, true, line);
  }
  for (const { name, word } of lines.quoted) {
    assert.equal(quote(name), word);
    assert.equal(integration(`%%sql -o x ${word}`) ?? '', name);
  }
  for (const line of lines.refused) {
    assert.equal(parse(`%%sql ${line}`).understood, false, line);
  }
});

test('integration and output variable are read from the first line only', () => {
  const source = '%%sql prod -o df\nSELECT 1 -o other';
  assert.equal(integration(source), 'prod');
  assert.equal(output(source), 'df');
  assert.equal(integration('%%underpass prod\r\nSELECT 1'), 'prod');
  assert.equal(integration('%%sql\nprod'), undefined);
});

test('names are quoted as in a shell', () => {
  assert.equal(integration('%%sql "My DB" -o df'), 'My DB');
  assert.equal(integration("%%sql 'My DB'"), 'My DB');
  assert.equal(integration('%%sql My\\ DB'), 'My DB');
  assert.equal(integration('%%sql "say \\"hi\\""'), 'say "hi"');
  assert.equal(integration(`%%sql 'it'"'"'s'`), "it's");
});

test('the output option is found wherever and however it is written', () => {
  assert.equal(output('%%sql -o df prod'), 'df');
  assert.equal(integration('%%sql -o df prod'), 'prod');
  assert.equal(integration('%%sql --decimals float prod'), 'prod');
  assert.equal(integration('%%sql --decimals=float prod'), 'prod');
  assert.equal(output('%%sql prod --output df'), 'df');
  assert.equal(output('%%sql prod --output=df'), 'df');
  assert.equal(output('%%sql prod -odf'), 'df');
  assert.equal(output('%%sql prod --decimals float -o df'), 'df');
  assert.equal(parse('%%sql prod -o').output?.name, null);
});

test('an unclosed quote is noticed', () => {
  assert.equal(parse('%%sql "My DB\nSELECT 1').malformed, true);
  assert.equal(parse('%%sql "My DB"\nSELECT 1').malformed, false);
});

test('changing the integration changes nothing else', () => {
  const source = '%%sql  "My DB"   --decimals float  -o df  # x\nSELECT 1';
  assert.equal(
    renamed(source, 'prod'),
    '%%sql  prod   --decimals float  -o df  # x\nSELECT 1'
  );
  assert.equal(renamed('%%sql\nSELECT 1', 'My DB'), '%%sql "My DB"\nSELECT 1');
  assert.equal(renamed('%%sql -o df', 'prod'), '%%sql prod -o df');
});

test('changing the output variable changes nothing else', () => {
  const source = '%%sql prod  --decimals float -o df --limit 5\nSELECT 1';
  assert.equal(
    stored(source, 'rows'),
    '%%sql prod  --decimals float -o rows --limit 5\nSELECT 1'
  );
  assert.equal(
    stored(source, ''),
    '%%sql prod  --decimals float --limit 5\nSELECT 1'
  );
  assert.equal(stored('%%sql prod --output=df', 'x'), '%%sql prod --output=x');
  assert.equal(
    stored('%%sql prod -o\nSELECT 1', 'x'),
    '%%sql prod -o x\nSELECT 1'
  );
  assert.equal(
    stored('%%sql prod --limit 5', 'x'),
    '%%sql prod -o x --limit 5'
  );
  assert.equal(stored('%%sql', 'x'), '%%sql -o x');
  assert.equal(stored('%%sql prod', ''), '%%sql prod');
});

test('any name survives being written and read again', () => {
  const names = [
    'prod',
    'My DB',
    "it's",
    'say "hi"',
    `both ' and "`,
    'back\\slash',
    'cost $5',
    'tick`tock',
    'Größe',
    ''
  ];
  for (const name of names) {
    assert.equal(integration(`%%sql ${quote(name)} -o df`) ?? '', name, name);
    assert.equal(output(`%%sql ${quote(name)} -o df`), 'df', name);
  }
});

test('a line is understood when nothing of it is unknown here or to Python', () => {
  const understood = [
    '%%sql prod',
    '%%sql "My DB" -o df',
    '%%underpass prod --limit 5 --frame=polars --write --output=_',
    '%%sql prod --with a --with b --max-memory 2GB --decimals float'
  ];
  for (const source of understood) {
    assert.equal(parse(source).understood, true, source);
  }
  const others = [
    '%%sql',
    '%%sql "My DB',
    '%%sql My DB',
    '%%sql prod -o',
    '%%sql prod --limit',
    '%%sql prod --save x',
    '%%sql prod -x',
    '%%sql sqlite:///shop.db'
  ];
  for (const source of others) {
    assert.equal(parse(source).understood, false, source);
  }
});

test('options without a control of their own are kept as they are written', () => {
  const line = parse('%%sql --limit  5 prod -o df --frame=polars --write');
  assert.deepEqual(line.options, ['--limit  5', '--frame=polars', '--write']);
  assert.deepEqual(parse('%%sql prod -o df').options, []);
  const other = parse('%%sql prod --other x');
  assert.deepEqual(other.options, ['--other']);
  assert.deepEqual(other.surplus, []);
});

test('the last of several output options holds, as in Python', () => {
  assert.equal(output('%%sql prod -o a -o b'), 'b');
});

test('a connection URL is the %%sql of another extension', () => {
  assert.equal(parse('%%sql sqlite:///shop.db').foreign, true);
  assert.equal(parse('%%sql prod').foreign, false);
});
