/**
 * Marks of an integration: as they are kept, and as they are read.
 */
import type { Marks } from '@underpass/protocol';

import type { StoredIntegration } from './workspaceFormat.js';

/** What is left out stays. */
export interface MarksChange {
  production?: boolean | undefined;
  readOnly?: boolean | undefined;
}

/** Older workspaces have none. One that can not be read counts as set: it was there to protect something. */
export function marksOf({ marks }: Pick<StoredIntegration, 'marks'>): Marks {
  const kept = membersOf(marks);
  return {
    production: isSet(kept, 'production'),
    readOnly: isSet(kept, 'readOnly')
  };
}

/** Marks that this version does not know stay. */
export function changedMarks(
  integration: Pick<StoredIntegration, 'marks'>,
  change: MarksChange = {}
): object {
  const { production, readOnly } = marksOf(integration);
  return {
    ...membersOf(integration.marks),
    production: change.production ?? production,
    readOnly: change.readOnly ?? readOnly
  };
}

function isSet(kept: object | undefined, mark: keyof Marks): boolean {
  if (!kept) {
    return true;
  }
  const value: unknown = (kept as Partial<Marks>)[mark];
  return value !== undefined && value !== false;
}

/** Undefined for what is no record of marks. */
function membersOf(marks: unknown): object | undefined {
  if (marks === undefined) {
    return {};
  }
  return typeof marks === 'object' && marks !== null && !Array.isArray(marks)
    ? marks
    : undefined;
}
