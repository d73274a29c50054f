import type { EgressGuide } from '@underpass/protocol';

/** Addresses of both families; either may be empty. */
export interface Addresses {
  v4: readonly string[];
  v6: readonly string[];
}

/** What a guide is written for. */
export interface GuideContext extends Addresses {
  /** Port that is let in. */
  port: number;
  /** What listens there: "the database", or a bastion's name. */
  target: string;
  /** The port is an assumption. */
  guessed: boolean;
  /** What a list that was authorized before has more, and less. */
  changes?: { add: Addresses; remove: Addresses };
}

export interface GuideDefinition {
  id: string;
  /** Types of integration that it is for; absent where it is for all that have a port of their own. */
  types?: readonly string[];
  /** It is about the database itself, never about a bastion. */
  databaseOnly?: true;
  write(context: GuideContext): EgressGuide;
}

/** Lines of one shell command, to be read and pasted. */
export function shellCommand(...lines: readonly string[]): string {
  return lines.join(' \\\n  ');
}

/** `'…'` of POSIX shells. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

export function all({ v4, v6 }: Addresses): string[] {
  return [...v4, ...v6];
}

export function portStep({ port, target, guessed }: GuideContext): string {
  return guessed
    ? `Put the port of your database in the place of ${port}, which is PostgreSQL's.`
    : `Port ${port} is the one of ${target}.`;
}
