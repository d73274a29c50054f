import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

import { keyringFailure } from './keyring.js';

/** More than any of these tools has to say. */
const mostOutput = 64 * 1024;

export interface ToolRun {
  /** Never a secret: other users of the machine can read it. */
  args: readonly string[];
  /** Goes to standard input. */
  input?: string;
  /** Milliseconds. */
  deadline: number;
  environment?: NodeJS.ProcessEnv;
}

export interface ToolResult {
  exitCode: number;
  output: string;
  /** What it complained of. */
  complaint: string;
}

/**
 * The first of these programs that there is. Fixed paths and not `PATH`: a folder that a notebook comes with, or an
 * environment, must not be able to offer a tool of the same name.
 */
export function findTool(paths: readonly string[]): string | undefined {
  return paths.find(path => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Run one of the system's own tools to its end.
 * @throws ServiceError `keyring-timed-out`, `keyring-unavailable` if it can not be run
 */
export function runTool(
  program: string,
  { args, input = '', deadline, environment }: ToolRun
): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: '/',
      // Messages are shown as they are; codes are read from what is the same in every language.
      env: { ...process.env, ...environment, LC_ALL: 'C' },
      windowsHide: true
    });
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(
        keyringFailure(
          'keyring-timed-out',
          `The keyring did not answer within ${deadline / 1000} seconds.`,
          { program }
        )
      );
    }, deadline);
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(0, mostOutput);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(0, mostOutput);
    });
    // It may end without having read its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.once('error', error => {
      clearTimeout(late);
      reject(
        keyringFailure(
          'keyring-unavailable',
          `${program} can not be run: ${error.message}.`,
          { program }
        )
      );
    });
    child.once('close', code => {
      clearTimeout(late);
      // Ended by a signal: as shells have it.
      resolve({ exitCode: code ?? 128, output, complaint: complaint.trim() });
    });
  });
}
