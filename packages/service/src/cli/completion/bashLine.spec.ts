import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import { bashInsertion, readBashLine } from './bashLine.js';

const breaks = ' \t\n"\'@><=;|&(:';

test('words are read as bash reads them', () => {
  const words = (line: string) => readBashLine(line, breaks).words;
  assert.deepEqual(words('underpass run '), ['underpass', 'run', '']);
  assert.deepEqual(words('underpass run "My D'), ['underpass', 'run', 'My D']);
  assert.deepEqual(words("underpass run 'My D"), ['underpass', 'run', 'My D']);
  assert.deepEqual(words('underpass run My\\ D'), ['underpass', 'run', 'My D']);
  assert.deepEqual(words('a "" b'), ['a', '', 'b']);
  assert.deepEqual(words('a "x\\"y\\z" \'p\\q\''), ['a', 'x"y\\z', 'p\\q']);
  assert.deepEqual(words('cd /tmp && underpass st'), ['underpass', 'st']);
});

test('only what readline replaces is inserted', () => {
  const insertion = (line: string, candidate: string) =>
    bashInsertion(candidate, readBashLine(line, breaks));
  assert.equal(insertion('x My', 'My DB'), 'My\\ DB');
  assert.equal(insertion('x "My', 'My DB'), 'My DB');
  assert.equal(insertion('x --set sslMode=st', 'sslMode=strict'), 'strict');
  assert.equal(
    insertion('x --set "sslMode=st', 'sslMode=strict'),
    'sslMode=strict'
  );
  assert.equal(insertion('x host:', 'host:22'), '22');
});

test('whatever an integration is called, bash reads it back as its name', () => {
  const names = [
    "it's",
    'a "quoted" one',
    '$(touch /tmp/x) `id` $HOME',
    'back\\slash',
    'semi;colon & more | and > less <',
    '*?[glob]{a,b}',
    'Zürich データ',
    '#hash ~tilde'
  ];
  for (const name of names) {
    for (const quote of ['', '"', "'"]) {
      const typed = bashInsertion(name, readBashLine(`x ${quote}`, breaks));
      const said = execFileSync(
        'bash',
        ['-c', `printf %s ${quote}${typed}${quote}`],
        { encoding: 'utf8' }
      );
      assert.equal(said, name);
    }
  }
});
