/**
 * The addresses that databases see, and how to authorize them there.
 */

/** How to authorize the addresses at one vendor. */
export interface EgressGuide {
  id: string;
  title: string;
  /** Sentences; the command belongs behind the last one. */
  steps: string[];
  /** What goes wrong if nobody says so, one sentence each. */
  warnings: string[];
  language: 'shell' | 'sql';
  /** Ready to copy, but for words in capital letters that the steps name. */
  command: string;
  /** From the previous list to this one; only where a previous one was given. */
  change?: string;
  /** The vendor's own page. */
  link: string;
}
