/**
 * What can follow at the cursor, from the definition of the command line.
 */
import type { Argument, Command, Option } from 'commander';

import { collect } from '../integration/assignments.js';
import type { Values } from './values.js';

export interface Candidate {
  /** The whole word. */
  value: string;
  description?: string;
  /** Something follows in the same word, as after `host=`. */
  open?: boolean;
}

/** Paths are best completed by the shell itself. */
export type Completion =
  | { kind: 'words'; candidates: Candidate[] }
  | { kind: 'files' | 'directories' | 'command' };

/** What was typed before the word at the cursor. */
export interface Typed {
  command: Command;
  /** Arguments of the command. */
  positionals: string[];
  /** Values of its options, by long name. */
  options: Map<string, string[]>;
  /** The option whose value the word at the cursor is. */
  awaiting: Option | undefined;
  /** Behind `--`: the command of `run`. */
  behindDashes: boolean;
}

/**
 * @param words without the program's name; the last one is the word at the cursor
 */
export async function complete(
  top: Command,
  words: readonly string[],
  values: Values
): Promise<Completion> {
  const current = words.at(-1) ?? '';
  const typed = read(top, words.slice(0, -1));
  if (typed.behindDashes) {
    return { kind: 'command' };
  }
  const { command, awaiting } = typed;
  if (awaiting) {
    return only(await optionValues(awaiting, typed, values), current);
  }
  const [, flag = ''] = /^(--[^=]+)=/.exec(current) ?? [];
  const assigned = flag ? findOption(command, flag) : undefined;
  if (assigned) {
    return only(
      within(await optionValues(assigned, typed, values), `${flag}=`),
      current
    );
  }
  if (current.startsWith('-')) {
    return only(wordsOf(options(typed)), current);
  }
  if (command.commands.length > 0) {
    return only(wordsOf(subcommands(command)), current);
  }
  const argument = argumentAt(command, typed.positionals.length);
  return only(
    argument ? await argumentValues(argument, typed, values) : wordsOf([]),
    current
  );
}

function read(top: Command, before: readonly string[]): Typed {
  const typed: Typed = {
    command: top,
    positionals: [],
    options: new Map(),
    awaiting: undefined,
    behindDashes: false
  };
  for (const word of before) {
    if (typed.behindDashes) {
      continue;
    }
    if (typed.awaiting) {
      note(typed, typed.awaiting, word);
      typed.awaiting = undefined;
    } else if (word === '--') {
      typed.behindDashes = true;
    } else if (word.startsWith('-')) {
      const [flag = '', ...value] = word.split('=');
      const option = findOption(typed.command, flag);
      if (option && value.length > 0) {
        note(typed, option, value.join('='));
      } else if (option && takesValue(option)) {
        typed.awaiting = option;
      } else if (option) {
        note(typed, option, '');
      }
    } else {
      const child = typed.command.commands.find(
        command => command.name() === word || command.aliases().includes(word)
      );
      if (child) {
        typed.command = child;
      } else {
        typed.positionals.push(word);
      }
    }
  }
  return typed;
}

function note({ options }: Typed, option: Option, value: string): void {
  const name = option.long ?? '';
  options.set(name, [...(options.get(name) ?? []), value]);
}

const takesValue = (option: Option): boolean =>
  option.required || option.optional;

function findOption(command: Command, flag: string): Option | undefined {
  return command.options.find(
    ({ long, short }) => long === flag || short === flag
  );
}

function options({ command, options: given }: Typed): Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter(
      option => !given.has(option.long ?? '') || option.parseArg === collect
    )
    .map(({ long, short, description }) => ({
      value: long ?? short ?? '',
      description
    }));
}

function subcommands(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map(child => ({
      value: child.name(),
      description: child.summary() || child.description()
    }));
}

function argumentAt(command: Command, index: number): Argument | undefined {
  const all = command.registeredArguments;
  const last = all.at(-1);
  return all[index] ?? (last?.variadic ? last : undefined);
}

async function optionValues(
  option: Option,
  typed: Typed,
  values: Values
): Promise<Completion> {
  if (option.argChoices) {
    return wordsOf(option.argChoices.map(value => ({ value })));
  }
  const [, placeholder = ''] =
    /[<[](.+?)(?:\.\.\.)?[>\]]/.exec(option.flags) ?? [];
  return (
    placeOf(placeholder) ??
    wordsOf(await values.ofOption(option.long ?? '', typed))
  );
}

async function argumentValues(
  argument: Argument,
  typed: Typed,
  values: Values
): Promise<Completion> {
  if (argument.argChoices) {
    return wordsOf(argument.argChoices.map(value => ({ value })));
  }
  return (
    placeOf(argument.name()) ??
    wordsOf(await values.ofArgument(argument.name(), typed))
  );
}

function placeOf(placeholder: string): Completion | undefined {
  switch (placeholder) {
    case 'file':
    case 'path':
    case 'python':
      return { kind: 'files' };
    case 'dir':
    case 'folder':
      return { kind: 'directories' };
    default:
      return undefined;
  }
}

const wordsOf = (candidates: Candidate[]): Completion => ({
  kind: 'words',
  candidates
});

/** Those that begin with what is typed. */
function only(completion: Completion, current: string): Completion {
  return completion.kind === 'words'
    ? wordsOf(
        completion.candidates.filter(({ value }) => value.startsWith(current))
      )
    : completion;
}

function within(completion: Completion, prefix: string): Completion {
  return completion.kind === 'words'
    ? wordsOf(
        completion.candidates.map(candidate => ({
          ...candidate,
          value: `${prefix}${candidate.value}`
        }))
      )
    : completion;
}
