/**
 * What editors ask about SQL cells.
 */
import { z } from 'zod';

import { define, folder } from './define.js';
import { python } from './testing.js';

export const languageMethods = {
  /**
   * What may stand at a place of a cell. Answers within 150 ms with what is known by then; the rest is read from the
   * database in the background. Never asks a person for anything.
   */
  'underpass/language/complete': define(
    'execute',
    z.object({
      folder,
      /** The whole cell, its first line included. */
      text: z.string().max(1_000_000),
      /** As in LSP: from 0, characters in UTF-16. */
      line: z.int().min(0),
      character: z.int().min(0),
      /** Without one, names of tables and columns are those that are known already. */
      python
    })
  )
} as const;

/** As in LSP. */
export interface TextPosition {
  line: number;
  character: number;
}

/** What the numbers of LSP's CompletionItemKind stand for. */
export type CompletionKind =
  | 'integration'
  | 'option'
  | 'value'
  | 'keyword'
  | 'function'
  | 'schema'
  | 'table'
  | 'view'
  | 'collection'
  | 'column'
  | 'alias';

export interface Completion {
  /** What is written: quoted where the dialect asks for it. */
  text: string;
  /** What the word at the cursor is compared with. */
  filter: string;
  kind: CompletionKind;
  /** The type of a column, say. */
  detail?: string;
}

export interface LanguageResults {
  'underpass/language/complete': {
    /** What any of the items replaces. */
    range: { start: TextPosition; end: TextPosition };
    /** The likeliest first. */
    items: Completion[];
    /** Typing on, or asking again, may give others. */
    isIncomplete: boolean;
    /** Something is being read: asked again in a moment, there will be more. */
    isReading: boolean;
  };
}
