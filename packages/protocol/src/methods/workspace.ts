/**
 * The workspace itself: what is wrong with its files, and the folders that have integrations connected.
 */
import { z } from 'zod';

import type { Failure } from '../failure.js';
import { define } from './define.js';

export const workspaceMethods = {
  /** What is wrong with the files of the workspace; a hint of the topic `workspace` says that it changed. */
  'underpass/workspace/problems': define('read', z.object({})),
  'underpass/projects/list': define('read', z.object({})),
  /** Disconnect everything from a project. Its folder may be gone; it is never the browser's own `folder`. */
  'underpass/projects/forget': define(
    'write',
    z.object({ project: z.string().min(1) })
  )
} as const;

export interface WorkspaceProblem {
  /** The file that it is about. */
  path: string;
  /** Where the damaged file was put; the problem is over when that one is deleted. */
  keptAs?: string;
  failure: Failure;
}

export interface ProjectDescription {
  folder: string;
  /** Names of the integrations that are connected to it. */
  integrations: string[];
  /** The folder is still there. */
  exists: boolean;
}

export interface WorkspaceResults {
  'underpass/workspace/problems': { problems: WorkspaceProblem[] };
  'underpass/projects/list': { projects: ProjectDescription[] };
  'underpass/projects/forget': Record<string, never>;
}
