import type { Command } from 'commander';

/** `underpass integration add` */
export function fullName(command: Command): string {
  return command.parent
    ? `${fullName(command.parent)} ${command.name()}`
    : command.name();
}
