/**
 * The way from every version of `workspace.json` to the one that is written now. A version, once published, stays
 * readable: `samples/` holds a file of each.
 */
import type { Migration } from './format.js';

/** Version 2 has settings. */
const to2: Migration = content => ({ ...content, settings: {} });

export const migrations: readonly Migration[] = [to2];
