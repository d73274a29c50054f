/**
 * What stands around the content of a precious file: its version, who wrote it, and what was wrong with it before.
 */
import { createHash } from 'node:crypto';

import { type Failure, failureCodes, stages } from '@underpass/protocol';
import { z } from 'zod';

import { version as ourVersion } from '../version.js';
import type { Content } from './format.js';

const problemSchema = z.object({
  keptAs: z.string(),
  failure: z.object({
    code: z.enum(failureCodes),
    stage: z.enum([...stages, 'request']),
    message: z.string(),
    fix: z.string()
  })
});

/** A damage that was repaired; told until the damaged file, which was kept, is deleted. */
export interface KeptProblem {
  /** Name of the file in the same folder. */
  keptAs: string;
  failure: Failure;
}

export interface Envelope {
  version: number;
  savedBy: string | undefined;
  /** How often each process has written it, the last ones last. Tells a process whether its own write was lost. */
  writers: Map<string, number>;
  problems: KeptProblem[];
  /** What is in it. */
  content: Content;
  /** Something else than this program has changed it. */
  changedOutside: boolean;
}

/** Processes that are remembered; that many never write at the same time. */
const mostWriters = 16;

/** @returns undefined where the version can not be told */
export function open(file: Content): Envelope | undefined {
  const { version, savedBy, checksum, writers, problems, ...content } = file;
  if (
    typeof version !== 'number' ||
    !Number.isInteger(version) ||
    version < 1
  ) {
    return undefined;
  }
  const parsedWriters = z.record(z.string(), z.int()).safeParse(writers);
  const parsedProblems = z.array(problemSchema).safeParse(problems);
  const rest = Object.fromEntries(
    Object.entries(file).filter(([member]) => member !== 'checksum')
  );
  return {
    version,
    // Shown in a command to copy.
    savedBy: z
      .string()
      .regex(/^\d[\w.+-]{0,30}$/)
      .safeParse(savedBy).data,
    writers: new Map(Object.entries(parsedWriters.data ?? {})),
    problems: parsedProblems.data ?? [],
    content,
    changedOutside: checksum !== undefined && checksum !== checksumOf(rest)
  };
}

/** The file's text. */
export function close(
  version: number,
  writers: ReadonlyMap<string, number>,
  problems: readonly KeptProblem[],
  content: object
): string {
  const file = {
    version,
    savedBy: ourVersion,
    writers: Object.fromEntries([...writers].slice(-mostWriters)),
    ...(problems.length > 0 ? { problems } : {}),
    ...content
  };
  // As it will be parsed again: without members that are undefined.
  const plain = JSON.parse(JSON.stringify(file)) as Content;
  return `${JSON.stringify({ ...plain, checksum: checksumOf(plain) }, null, 2)}\n`;
}

function checksumOf(file: Content): string {
  return createHash('sha256')
    .update(JSON.stringify(file))
    .digest('base64url')
    .slice(0, 22);
}
