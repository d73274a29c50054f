import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { CommanderError } from 'commander';
import { format, resolveConfig } from 'prettier';

import { inert, parse } from '../testing/dryRun.js';
import { fullName } from './fullName.js';
import { program } from './program.js';
import { commandsOf, examplesOf, reference } from './reference.js';

const root = new URL('../../../../', import.meta.url);

test('every command says what it is', () => {
  for (const command of commandsOf(program())) {
    assert.ok(command.description(), `${fullName(command)} has no description`);
    for (const argument of command.registeredArguments) {
      assert.ok(
        argument.description,
        `${fullName(command)}: ${argument.name()} has no description`
      );
    }
    for (const option of command.options) {
      assert.ok(
        option.description,
        `${fullName(command)}: ${option.flags} has no description`
      );
    }
  }
});

test('every command that does something has examples, and each of them is right', () => {
  const leaves = commandsOf(program()).filter(
    ({ commands }) => commands.length === 0
  );
  assert.ok(leaves.length > 25);
  for (const command of leaves) {
    const examples = examplesOf(command);
    assert.ok(examples.length > 0, `${fullName(command)} has no examples`);
    assert.ok(
      examples.some(example => example.includes(` ${command.name()}`)),
      `${fullName(command)} has examples of others only`
    );
    examples.forEach(parse);
  }
  examplesOf(program()).forEach(parse);
});

test('an example that is wrong would be found', () => {
  assert.throws(() => parse('underpass status --wach'));
  assert.throws(() => parse('underpass integration shwo "My DB"'));
  assert.throws(() => parse('underpass integration show "My DB" another'));
});

test('all take --json and --project', () => {
  for (const command of commandsOf(program())) {
    const names = command.options.map(({ long }) => long);
    assert.ok(names.includes('--json'), fullName(command));
    assert.ok(names.includes('--project'), fullName(command));
  }
});

test('run without a command is a wrong command line', async () => {
  const parsing = inert([]).parseAsync(['run', 'My DB'], { from: 'user' });
  await assert.rejects(parsing, CommanderError);
  await inert(['true']).parseAsync(['run', 'My DB'], { from: 'user' });
});

test('the documentation is what the program says', async () => {
  const path = new URL('docs/command-line.md', root).pathname;
  const made = await format(reference(program()), {
    ...(await resolveConfig(path)),
    filepath: path
  });
  assert.equal(
    readFileSync(path, 'utf8'),
    made,
    'run: node --import tsx scripts/command-line.mjs'
  );
});
