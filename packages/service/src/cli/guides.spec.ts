/**
 * What the guides say of the program: commands, settings, and the story that the browser's test tells.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { parse } from '../testing/dryRun.js';
import { program } from './program.js';

const root = new URL('../../../../', import.meta.url);
const read = (path: string): string =>
  readFileSync(new URL(path, root), 'utf8');

/** Text for people, by path. Decisions speak of their time; the reference is made from the program. */
const pages = [
  'README.md',
  ...readdirSync(new URL('docs/', root), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .filter(name => !/^(decisions\/|command-line\.md)/.test(name))
    .map(name => `docs/${name}`)
].map(path => ({ path, text: read(path) }));

/** Lines of shell: a backslash at the end goes on in the next one. */
function commandLines(text: string): string[] {
  const blocks = [...text.matchAll(/^ *```(?:bash|shell)\n(.*?)^ *```/gms)];
  return blocks
    .flatMap(([, block = '']) => block.replace(/\\\n */g, '').split('\n'))
    .map(line => line.trim())
    .filter(line => /^underpass /.test(line));
}

test('each command line of the guides is one', () => {
  let count = 0;
  for (const { path, text } of pages) {
    for (const line of commandLines(text)) {
      assert.doesNotThrow(() => parse(line), `${path}: ${line}`);
      count += 1;
    }
  }
  assert.ok(count > 40, `only ${count} command lines were found`);
});

test('commands that are named within a sentence exist', () => {
  for (const { path, text } of pages) {
    for (const [, words = ''] of text.matchAll(
      /`underpass ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)*)[^`]*`/g
    )) {
      const [first, second] = words.split(' ');
      const command = program().commands.find(child => child.name() === first);
      assert.ok(command, `${path}: underpass ${words}`);
      const children = command.commands.map(child => child.name());
      assert.ok(
        second === undefined ||
          children.length === 0 ||
          children.includes(second),
        `${path}: underpass ${words}`
      );
    }
  }
});

test('the sections of the user guide are the steps of the story', () => {
  const guide = read('docs/guide/index.md');
  const story = read('ui-tests/tests/story.spec.ts');
  const sections = [...guide.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
  const steps = [...story.matchAll(/test\.step\(\s*'([^']+)'/g)].map(
    ([, title]) => title
  );
  assert.ok(steps.length > 0);
  assert.deepEqual(sections, steps);
});

test('the page of settings has each of them', () => {
  const { properties } = JSON.parse(read('schema/plugin.json')) as {
    properties: { [name: string]: { title: string; default: unknown } };
  };
  const rows = read('docs/settings.md')
    .split('\n')
    .filter(line => line.startsWith('| `'))
    .map(line => line.split('|').map(cell => cell.trim()));
  assert.deepEqual(
    rows.map(([, name, title, value]) => [name, title, value]),
    Object.entries(properties).map(([name, property]) => [
      `\`${name}\``,
      property.title,
      `\`${JSON.stringify(property.default)}\``
    ])
  );
});
